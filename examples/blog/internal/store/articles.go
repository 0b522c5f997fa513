package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Article is what users write. AuthorID is 0 and Author empty when the
// author's account is gone.
type Article struct {
	ID       int64
	AuthorID int64
	Author   string
	Title    string
	Body     string
}

const selectArticle = `
	SELECT a.id, coalesce(a.author_id, 0), coalesce(u.name, ''), a.title, a.body
	FROM articles a LEFT JOIN users u ON u.id = a.author_id`

type scanner interface{ Scan(...any) error }

func scanArticle(row scanner) (a Article, err error) {
	err = row.Scan(&a.ID, &a.AuthorID, &a.Author, &a.Title, &a.Body)
	return a, err
}

// Articles returns the newest 100 articles, the newest first.
func (s *Store) Articles(ctx context.Context) ([]Article, error) {
	rows, err := s.db.QueryContext(ctx, selectArticle+" ORDER BY a.id DESC LIMIT 100")
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	defer rows.Close()
	var list []Article
	for rows.Next() {
		a, err := scanArticle(rows)
		if err != nil {
			return nil, fmt.Errorf("list articles: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// Article returns the article with this id, or ErrNotFound.
func (s *Store) Article(ctx context.Context, id int64) (Article, error) {
	a, err := scanArticle(s.db.QueryRowContext(ctx, selectArticle+" WHERE a.id = ?", id))
	if err != nil {
		return Article{}, fmt.Errorf("look up article %d: %w", id, found(err))
	}
	return a, nil
}

// CreateArticle stores a new article of author and returns it with its id.
func (s *Store) CreateArticle(ctx context.Context, author User, title, body string) (Article, error) {
	a := Article{AuthorID: author.ID, Author: author.Name, Title: title, Body: body}
	res, err := s.db.ExecContext(ctx,
		"INSERT INTO articles (author_id, title, body) VALUES (?, ?, ?)", a.AuthorID, a.Title, a.Body)
	if err != nil {
		return Article{}, fmt.Errorf("create article: %w", err)
	}
	if a.ID, err = res.LastInsertId(); err != nil {
		return Article{}, fmt.Errorf("create article: %w", err)
	}
	return a, nil
}

// UpdateArticle lets edit change title and body of the article with this id
// and returns the article before and after. Nothing changes when edit returns
// an error; the error is passed on. Both happen in one transaction, so that
// before is what after replaced.
func (s *Store) UpdateArticle(ctx context.Context, id int64, edit func(*Article) error) (before, after Article, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		before, err = scanArticle(tx.QueryRowContext(ctx, selectArticle+" WHERE a.id = ?", id))
		if err != nil {
			return fmt.Errorf("look up article %d: %w", id, found(err))
		}
		after = before
		if err := edit(&after); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE articles SET title = ?, body = ? WHERE id = ?", after.Title, after.Body, id)
		if err != nil {
			return fmt.Errorf("update article %d: %w", id, err)
		}
		return nil
	})
	return before, after, err
}

// DeleteArticle removes the article with this id.
func (s *Store) DeleteArticle(ctx context.Context, id int64) error {
	if err := foundOne(s.db.ExecContext(ctx, "DELETE FROM articles WHERE id = ?", id)); err != nil {
		return fmt.Errorf("delete article %d: %w", id, err)
	}
	return nil
}
