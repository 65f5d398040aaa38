package sqlstore

import (
	"context"
	"time"
)

// Time is what the database's clock shows; ok is false for SQLite, which has no other clock than the program.
func (s *Store) Time(ctx context.Context) (at time.Time, ok bool, err error) {
	now := s.engine.words().now
	if now == "" {
		return time.Time{}, false, nil
	}
	micros, ok, err := find(ctx, s.engine, scalar[int64], `SELECT `+now)
	return time.UnixMicro(micros).UTC(), ok, err
}
