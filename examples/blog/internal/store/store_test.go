package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func open(t *testing.T, path string) *Store {
	s, err := Open(t.Context(), path, bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestReopen checks that a database is seeded once: a deleted account does not
// come back, and its article has no author.
func TestReopen(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "blog.db")
	first := open(t, path)
	if err := first.DeleteUser(ctx, 2); err != nil {
		t.Fatal(err)
	}
	first.Close()
	second := open(t, path)
	if _, err := second.User(ctx, 2); !errors.Is(err, ErrNotFound) {
		t.Errorf("user 2 after a restart: %v, want %v", err, ErrNotFound)
	}
	if a, err := second.Article(ctx, 2); err != nil || a.AuthorID != 0 || a.Author != "" {
		t.Errorf("article 2 is %+v, %v, want one without an author", a, err)
	}
}

// TestIDsAreNotReused checks that a new article never takes the id of a deleted
// one, which activities name.
func TestIDsAreNotReused(t *testing.T) {
	ctx, s := t.Context(), open(t, ":memory:")
	author := User{ID: 1, Name: AliceName}
	first, err := s.CreateArticle(ctx, author, "title", "body")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteArticle(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	second, err := s.CreateArticle(ctx, author, "title", "body")
	if err != nil || second.ID == first.ID {
		t.Errorf("the second article has the id %d (%v), the first had %d", second.ID, err, first.ID)
	}
}

func TestSessions(t *testing.T) {
	ctx, s := t.Context(), open(t, ":memory:")
	alice, err := s.Authenticate(ctx, AliceName, AlicePassword)
	if err != nil || alice.ID != 1 {
		t.Fatalf("Authenticate: %+v, %v", alice, err)
	}
	bob := User{ID: 2, Name: BobName}
	for _, test := range []struct {
		name string
		user User
		end  func(Session) error // nil: it lasts
	}{
		{"running", alice, nil},
		{"ended", alice, func(session Session) error { return s.EndSession(ctx, session) }},
		{"expired", alice, func(Session) error {
			_, err := s.db.ExecContext(ctx, "UPDATE sessions SET expires_at = ?", time.Now().Unix()-1)
			return err
		}},
		{"of a deleted account", bob, func(Session) error { return s.DeleteUser(ctx, bob.ID) }},
	} {
		token, session, err := s.NewSession(ctx, test.user)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if test.end == nil {
			if got, err := s.Session(ctx, token); err != nil || got != session {
				t.Errorf("%s: got %+v, %v, want %+v", test.name, got, err, session)
			}
			continue
		}
		if err := test.end(session); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if _, err := s.Session(ctx, token); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: got %v, want %v", test.name, err, ErrNotFound)
		}
	}
	if _, err := s.Session(ctx, "no token"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown token: got %v, want %v", err, ErrNotFound)
	}
}
