package store

import (
	"context"
	"database/sql"
	"fmt"
)

// The seed accounts. Their passwords are public: this is an example, to be
// served to the own machine only.
const (
	AliceName     = "alice"
	AlicePassword = "wonderland"
	BobName       = "bob"
	BobPassword   = "builder"
	AdminName     = "admin"
	AdminPassword = "looking-glass"
)

var (
	seedUsers = []struct {
		name, password string
		admin          bool
	}{
		{AliceName, AlicePassword, false},
		{BobName, BobPassword, false},
		{AdminName, AdminPassword, true},
	}
	seedPosts = []Post{
		{"hello-world", "Hello, world", "The first post of this blog."},
		{"who-did-what", "Who did what", "Every act leaves a row behind."},
	}
	seedArticles = []struct {
		author      int64
		title, body string
	}{
		{1, "Down the rabbit hole", "Alice was beginning to get very tired."},
		{2, "Can we fix it?", "Yes, we can."},
	}
)

// seed fills an empty database. The users get the ids 1, 2, 3 in their order.
func (s *Store) seed(ctx context.Context) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for i, u := range seedUsers {
			hash, err := s.hash(u.password)
			if err != nil {
				return err
			}
			if err := insert(ctx, tx, "users (id, name, password_hash, admin) VALUES (?, ?, ?, ?)",
				i+1, u.name, hash, u.admin); err != nil {
				return err
			}
		}
		for _, p := range seedPosts {
			if err := insert(ctx, tx, "posts (slug, title, body) VALUES (?, ?, ?)", p.Slug, p.Title, p.Body); err != nil {
				return err
			}
		}
		for _, a := range seedArticles {
			if err := insert(ctx, tx, "articles (author_id, title, body) VALUES (?, ?, ?)", a.author, a.title, a.body); err != nil {
				return err
			}
		}
		return nil
	})
}

func insert(ctx context.Context, tx *sql.Tx, into string, args ...any) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+into, args...); err != nil {
		return fmt.Errorf("insert seed data: %w", err)
	}
	return nil
}
