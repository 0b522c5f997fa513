package outbox

import (
	"context"
	"database/sql"
	"errors"
)

// Tx is a transaction that [Outbox.Record] writes in. [*sql.Tx] is one, and so is an
// [*sql.Conn] on which a transaction was begun. For a pgx.Tx, see [Pgx].
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// PgxTx are the methods of pgx.Tx that [Pgx] needs. T is pgconn.CommandTag, which is
// inferred. A pool of pgx is no PgxTx, since it cannot commit.
type PgxTx[T any] interface {
	Exec(ctx context.Context, sql string, args ...any) (T, error)
	Commit(ctx context.Context) error
}

// Pgx returns a pgx.Tx as a [Tx]:
//
//	box.Record(ctx, outbox.Pgx(tx), a)
func Pgx[T any](tx PgxTx[T]) Tx { return pgxTx[T]{tx} }

type pgxTx[T any] struct{ tx PgxTx[T] }

// ExecContext implements [Tx]. It returns no result.
func (p pgxTx[T]) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	_, err := p.tx.Exec(ctx, query, args...)
	return nil, err
}

var errNoTransaction = errors.New("must be a transaction, *sql.Tx or *sql.Conn; got *sql.DB")

// checkTx finds what would commit each statement on its own.
func checkTx(tx Tx) error {
	if _, ok := tx.(*sql.DB); ok {
		return errNoTransaction
	}
	return nil
}
