// Command approvals publishes, in the database of a demonstration that runs, a revision of the restoration of a paper
// licence that asks another state body for its approval, for the browser tests: no service of ours asks anybody yet.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"elicense/internal/app"
	"elicense/internal/catalogue"
	"elicense/internal/service"
	"elicense/internal/sqlstore"
	"elicense/services"
)

const approvals = `process:
  opinions:
    - body: cci
      name: {kk: Байланыс құралдарын келісу, ru: Согласование средств связи, en: Approval of the means of communication}
      silence: consent
`

func main() {
	if err := publish(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func publish(ctx context.Context, database string) error {
	store, err := sqlstore.Open(ctx, database, sqlstore.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	known, err := catalogue.New(store, app.World(), services.Files)
	if err != nil {
		return err
	}
	folder, err := fs.Sub(services.Files, "licence-restoration")
	if err != nil {
		return err
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		return err
	}
	src["service.yaml"] = []byte(strings.Replace(string(src["service.yaml"]), "process:\n", approvals, 1))
	_, _, err = known.Publish(ctx, src, "test")
	return err
}
