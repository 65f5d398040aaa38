package sqlstore_test

import (
	"context"
	"crypto/rand"
	"os"
	"strconv"
	"testing"

	"elicense/internal/audit"
	"elicense/internal/evidence"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
)

// How long a check of the whole log takes, of ELICENSE_LOG_ROWS rows (20,000).
func BenchmarkVerifyLog(b *testing.B) {
	rows := 20_000
	if text := os.Getenv("ELICENSE_LOG_ROWS"); text != "" {
		rows, _ = strconv.Atoi(text)
	}
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", sqliteURL}, {"postgres", postgresURL}} {
		b.Run(engine.name, func(b *testing.B) {
			store := open(b, engine.url(b), sqlstore.Options{})
			file, err := audit.NewKey(rand.Reader, "k")
			if err != nil {
				b.Fatal(err)
			}
			key, err := audit.ReadKey(file)
			if err != nil {
				b.Fatal(err)
			}
			e := &evidence.Evidence{Store: store, World: &clockwork{}, Key: key}
			write(b, store, rows)
			if err := e.Sequence(b.Context()); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				err := store.View(b.Context(), func(v port.View) error {
					r, err := evidence.Verify(b.Context(), v, key.Public, nil)
					if !r.Whole() || r.Rows != int64(rows) {
						b.Fatal(r.Text())
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// write writes audit rows as submissions leave them.
func write(b *testing.B, store port.Store, rows int) {
	b.Helper()
	world := &clockwork{}
	for done := 0; done < rows; {
		n := min(1000, rows-done)
		err := store.Update(context.Background(), func(tx port.Tx) error {
			for i := range n {
				tx.Write().Records().Audit(audit.Entry{ID: world.ID(), Salt: world.Random(16), At: world.Now(), Actor: "0193a3a0-6d2e-7c3b-9c55-0a1b2c3d4e5f", Action: "application.sent",
					Object: "application/KZ43RTL" + strconv.Itoa(done+i), Details: map[string]string{"from": "draft", "to": "in_progress", "version": "7", "answers": audit.DigestOf(nil)}})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		done += n
	}
}
