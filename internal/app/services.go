package app

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elicense/internal/cases"
	"elicense/internal/classifier"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/service"
	"elicense/locales"
	"elicense/services"
)

// folders are the services' folders of the arguments, or the built-in ones.
type folders struct {
	Services string   `name:"services" help:"Folder of services with catalogue.yaml and common.yaml; empty: the built-in one."`
	Keys     []string `arg:"" optional:"" name:"dir" help:"Folders of services such as services/trade-licence, or their keys; none: all."`
}

// open gives the folder of services and the keys asked for. An argument with a path says both.
func (f folders) open() (fs.FS, []string, error) {
	root, at := fs.FS(services.Files), f.Services
	keys := slices.Clone(f.Keys)
	for i, key := range keys {
		if dir := filepath.Dir(filepath.Clean(key)); strings.ContainsAny(key, `/\`) {
			if at != "" && filepath.Clean(at) != dir {
				return nil, nil, usageError("all folders of services stand in one folder, with catalogue.yaml and common.yaml")
			}
			at, keys[i] = dir, filepath.Base(filepath.Clean(key))
		}
	}
	if at != "" {
		root = os.DirFS(at)
	}
	if len(keys) > 0 {
		return root, keys, nil
	}
	keys, err := service.Folders(root)
	return root, keys, err
}

type serviceCheckCommand struct {
	folders
	Format string `enum:"text,json" default:"text" help:"text: one mistake a line; json: a list for editors, of file, line, column, text."`
}

// Run checks the text of services, with the rows of their directories and their cases; exit 1 lists all mistakes.
func (c serviceCheckCommand) Run(r *run) error {
	root, keys, err := c.open()
	if err != nil {
		return err
	}
	mistakes := cases.Check(root, keys)
	switch {
	case c.Format == "json":
		if mistakes == nil {
			mistakes = service.Mistakes{}
		}
		if err := json.NewEncoder(r.out).Encode(mistakes); err != nil {
			return err
		}
	case r.json:
		r.print(map[string]any{"services": len(keys), "mistakes": mistakes}, "")
	case len(mistakes) > 0:
		fmt.Fprintf(r.out, "%v\n%d services, mistakes: %d\n", mistakes, len(keys), len(mistakes))
	default:
		fmt.Fprintf(r.out, "%d services, no mistakes\n", len(keys))
	}
	if len(mistakes) > 0 {
		return errWrong
	}
	return nil
}

type serviceSchemaCommand struct{}

// Run prints the JSON Schema of service.yaml.
func (serviceSchemaCommand) Run(r *run) error {
	_, err := r.out.Write(service.Schema())
	return err
}

type serviceTestCommand struct{ folders }

// Run replays the cases; exit 1 when one decides otherwise than written.
func (c serviceTestCommand) Run(r *run) error {
	root, keys, err := c.open()
	if err != nil {
		return err
	}
	_, _, library, err := service.ReadCommon(root)
	if err != nil {
		return err
	}
	set, err := classifier.Load()
	if err != nil {
		return err
	}
	texts, err := lang.Load(locales.Files)
	if err != nil {
		return err
	}
	world := cases.World{Library: library, Set: set, MCI: money.Seed(), Texts: texts}
	passed, failed := 0, 0
	all := map[string][]cases.Result{}
	for _, key := range keys {
		folder, err := fs.Sub(root, key)
		if err != nil {
			return err
		}
		results, err := world.Run(folder)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		all[key] = results
		for _, result := range results {
			if len(result.Wrong) == 0 {
				passed++
				continue
			}
			failed++
			if !r.json {
				fmt.Fprintf(r.out, "%s/%s: %s\n  %s\n", key, result.File, result.Name, strings.Join(result.Wrong, "\n  "))
			}
		}
	}
	r.print(map[string]any{"passed": passed, "failed": failed, "services": all}, fmt.Sprintf("%d passed, %d failed", passed, failed))
	if failed > 0 {
		return errWrong
	}
	return nil
}
