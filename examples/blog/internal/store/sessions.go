package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"
)

// SessionTTL is how long a session lasts from its login.
const SessionTTL = 24 * time.Hour

// Session is what a valid session token stands for.
type Session struct {
	PublicID string // names the session in activities; not a secret
	User     User
}

// NewSession starts a session of u. The token goes to the client and nowhere
// else: the database holds its hash.
func (s *Store) NewSession(ctx context.Context, u User) (token string, session Session, err error) {
	token, session = rand.Text(), Session{PublicID: rand.Text(), User: u}
	now := time.Now()
	if _, err = s.db.ExecContext(ctx, "DELETE FROM sessions WHERE expires_at < ?", now.Unix()); err != nil {
		return "", Session{}, fmt.Errorf("remove expired sessions: %w", err)
	}
	_, err = s.db.ExecContext(ctx,
		"INSERT INTO sessions (token_hash, public_id, user_id, expires_at) VALUES (?, ?, ?, ?)",
		hashToken(token), session.PublicID, u.ID, now.Add(SessionTTL).Unix())
	if err != nil {
		return "", Session{}, fmt.Errorf("store session: %w", err)
	}
	return token, session, nil
}

// Session returns the session that token opens, or ErrNotFound.
func (s *Store) Session(ctx context.Context, token string) (Session, error) {
	var session Session
	row := s.db.QueryRowContext(ctx, `
		SELECT s.public_id, u.id, u.name, u.admin
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = ? AND s.expires_at >= ?`, hashToken(token), time.Now().Unix())
	u := &session.User
	if err := found(row.Scan(&session.PublicID, &u.ID, &u.Name, &u.Admin)); err != nil {
		return Session{}, fmt.Errorf("look up session: %w", err)
	}
	return session, nil
}

// EndSession makes the session's token worthless.
func (s *Store) EndSession(ctx context.Context, session Session) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM sessions WHERE public_id = ?", session.PublicID)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// hashToken needs no salt and no slow hash: a token has 130 random bits, so
// nobody can guess it, whatever a guess costs.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
