package app

import (
	"fmt"
	"os"
	"strings"

	"elicense/internal/audit"
	"elicense/internal/evidence"
	"elicense/internal/lang"
	"elicense/internal/port"
)

type auditVerifyCommand struct {
	Checkpoint []string `type:"existingfile" help:"File of checkpoints that was kept outside the database host. May be repeated."`
	Key        []string `help:"Public key, as 'elicense audit key' prints it; default: those in the installation's key file. May be repeated."`
}

// Run walks the whole log; exit 0 only when it is whole.
func (c auditVerifyCommand) Run(r *run) error {
	var outside [][]byte
	for _, name := range c.Checkpoint {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		notes := audit.Notes(b)
		if len(notes) == 0 {
			return usageError(name + " holds no checkpoint")
		}
		outside = append(outside, notes...)
	}
	keys, err := publicAuditKeys(r.cfg, c.Key)
	if err != nil {
		return err
	}
	return r.viewTrail(func(v port.View) error {
		if !keys.Known() {
			if _, signed, err := v.Office().Trail().Last(r.ctx); err != nil || signed {
				return usageError("there is no key file (--audit-key): name the public key with --key")
			}
		}
		report, err := evidence.Verify(r.ctx, v, keys, outside)
		if err != nil {
			return err
		}
		r.print(report, report.Text())
		if !report.Whole() {
			return errWrong
		}
		return nil
	})
}

// viewTrail reads the store.
func (r *run) viewTrail(f func(v port.View) error) error {
	store, err := openReady(r)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // only read
	return store.View(r.ctx, f)
}

type auditKeyCommand struct {
	Make bool `help:"Make the key's file where there is none."`
}

// Run prints the public keys, the present one first.
func (c auditKeyCommand) Run(r *run) error {
	if c.Make {
		if err := makeAuditKey(r.cfg); err != nil {
			return err
		}
	}
	key, err := readAuditKey(r.cfg)
	if err != nil {
		return err
	}
	r.print(map[string]any{"keys": key.Public.Texts()}, strings.Join(key.Public.Texts(), "\n"))
	return nil
}

type auditShowCommand struct {
	Object string `arg:"" help:"Number of an application, or the audit's name of anything: application/…, permit/…, official/…"`
}

// Run prints what happened to an object, the oldest first.
func (c auditShowCommand) Run(r *run) error {
	object := c.Object
	if !strings.Contains(object, "/") {
		object = "application/" + object
	}
	return r.viewTrail(func(v port.View) error {
		var rows []map[string]any
		var lines []string
		err := evidence.History(r.ctx, v, object, func(n port.Numbered, e audit.Entry) {
			rows = append(rows, map[string]any{"number": n.Seq, "id": n.ID, "at": e.At, "actor": e.Actor, "action": e.Action, "details": e.Details})
			lines = append(lines, fmt.Sprintf("%d  %s  %s  %s  by %s  %v", n.Seq, n.ID, e.At.In(lang.Almaty()).Format("2006-01-02 15:04:05"), e.Action, e.Actor, e.Details))
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			r.print(map[string]any{"rows": []string{}}, "nothing with a number yet")
			return errWrong
		}
		r.print(map[string]any{"rows": rows}, strings.Join(lines, "\n"))
		return nil
	})
}

type auditProveCommand struct {
	Row string `arg:"" help:"Id of an audit row."`
}

// Run prints a row with all that shows that it stands in the signed log: its canonical bytes, the hashes that lead to the root,
// and the checkpoint.
func (c auditProveCommand) Run(r *run) error {
	keys, err := publicAuditKeys(r.cfg, nil)
	if err != nil {
		return err
	}
	return r.viewTrail(func(v port.View) error {
		p, err := evidence.Prove(r.ctx, v, keys, c.Row)
		if err != nil {
			return err
		}
		hashes := make([]string, len(p.Hashes))
		for i, h := range p.Hashes {
			hashes[i] = h.String()
		}
		r.print(map[string]any{"number": p.Row.Seq, "row": string(p.Row.Record.Bytes), "hashes": hashes, "checkpoint": string(p.Note)},
			fmt.Sprintf("row      %s\nnumber   %d of %d\nhashes   %s\n\n%s", p.Row.Record.Bytes, p.Row.Seq, p.Checkpoint.Size, strings.Join(hashes, "\n         "), p.Note))
		return nil
	})
}
