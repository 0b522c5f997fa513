package store

import (
	"context"
	"fmt"
)

// Post is what the blog publishes. Its id is a slug, "hello-world".
type Post struct {
	Slug  string
	Title string
	Body  string
}

// Posts returns all posts by slug.
func (s *Store) Posts(ctx context.Context) ([]Post, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT slug, title, body FROM posts ORDER BY slug")
	if err != nil {
		return nil, fmt.Errorf("list posts: %w", err)
	}
	defer rows.Close()
	var list []Post
	for rows.Next() {
		var p Post
		if err := rows.Scan(&p.Slug, &p.Title, &p.Body); err != nil {
			return nil, fmt.Errorf("list posts: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Post returns the post with this slug, or ErrNotFound.
func (s *Store) Post(ctx context.Context, slug string) (Post, error) {
	p := Post{Slug: slug}
	row := s.db.QueryRowContext(ctx, "SELECT title, body FROM posts WHERE slug = ?", slug)
	if err := found(row.Scan(&p.Title, &p.Body)); err != nil {
		return Post{}, fmt.Errorf("look up post %q: %w", slug, err)
	}
	return p, nil
}
