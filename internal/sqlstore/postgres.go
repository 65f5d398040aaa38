package sqlstore

import (
	"context"
	"errors"
)

func openPostgres(_ context.Context, _ string, _ Options) (engine, error) {
	return nil, internal(errors.New("not yet"))
}
