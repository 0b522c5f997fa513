package store

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

// ErrBadLogin says that name and password do not belong together. It does not
// say which of them is wrong.
var ErrBadLogin = errors.New("wrong name or password")

// User is an account.
type User struct {
	ID    int64
	Name  string
	Admin bool
}

// Authenticate returns the user with this name and password, or ErrBadLogin.
func (s *Store) Authenticate(ctx context.Context, name, password string) (User, error) {
	u := User{Name: name}
	hash := s.decoy
	row := s.db.QueryRowContext(ctx, "SELECT id, admin, password_hash FROM users WHERE name = ?", name)
	err := found(row.Scan(&u.ID, &u.Admin, &hash))
	known := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	// An unknown name costs one comparison, too, so that the time of the
	// answer does not tell which names exist.
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !known {
		return User{}, ErrBadLogin
	}
	return u, nil
}

// User returns the user with this id, or ErrNotFound.
func (s *Store) User(ctx context.Context, id int64) (User, error) {
	u := User{ID: id}
	row := s.db.QueryRowContext(ctx, "SELECT name, admin FROM users WHERE id = ?", id)
	if err := found(row.Scan(&u.Name, &u.Admin)); err != nil {
		return User{}, fmt.Errorf("look up user %d: %w", id, err)
	}
	return u, nil
}

// DeleteUser removes the account and its sessions; its articles stay, without
// an author.
func (s *Store) DeleteUser(ctx context.Context, id int64) error {
	if err := foundOne(s.db.ExecContext(ctx, "DELETE FROM users WHERE id = ?", id)); err != nil {
		return fmt.Errorf("delete user %d: %w", id, err)
	}
	return nil
}

func (s *Store) hash(password string) ([]byte, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), s.bcryptCost)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}
