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

// chosen are the services and bundles asked for, in the folder that holds them.
type chosen struct {
	root          fs.FS
	keys, bundles []string
}

// open gives what is asked for. An argument with a path says the folder too; one that is called as a bundle is a bundle.
func (f folders) open() (chosen, error) {
	c, at := chosen{root: services.Files}, f.Services
	keys, bundle := slices.Clone(f.Keys), map[string]bool{}
	for i, key := range keys {
		if dir := filepath.Dir(filepath.Clean(key)); strings.ContainsAny(key, `/\`) {
			keys[i] = filepath.Base(filepath.Clean(key))
			if filepath.Base(dir) == service.Bundles {
				dir, bundle[keys[i]] = filepath.Dir(dir), true
			}
			if at != "" && filepath.Clean(at) != dir {
				return c, usageError("all folders of services stand in one folder, with catalogue.yaml and common.yaml")
			}
			at = dir
		}
	}
	if at != "" {
		c.root = os.DirFS(at)
	}
	all := service.BundleKeys(c.root)
	if len(keys) == 0 {
		keys, err := service.Folders(c.root)
		c.keys, c.bundles = keys, all
		return c, err
	}
	for _, key := range keys {
		if bundle[key] || slices.Contains(all, key) {
			c.bundles = append(c.bundles, key)
		} else {
			c.keys = append(c.keys, key)
		}
	}
	return c, nil
}

type serviceCheckCommand struct {
	folders
	Format string `enum:"text,json" default:"text" help:"text: one mistake a line; json: a list for editors, of file, line, column, text."`
}

// Run checks the text of services, with the rows of their directories and their cases; exit 1 lists all mistakes.
func (c serviceCheckCommand) Run(r *run) error {
	asked, err := c.open()
	if err != nil {
		return err
	}
	mistakes := append(cases.Check(asked.root, asked.keys), cases.CheckBundles(asked.root, asked.bundles)...).Sorted()
	count := fmt.Sprintf("%d services", len(asked.keys))
	if n := len(asked.bundles); n > 0 {
		count += fmt.Sprintf(", %d bundles", n)
	}
	switch {
	case c.Format == "json":
		if mistakes == nil {
			mistakes = service.Mistakes{}
		}
		if err := json.NewEncoder(r.out).Encode(mistakes); err != nil {
			return err
		}
	case r.json:
		r.print(map[string]any{"services": len(asked.keys), "bundles": len(asked.bundles), "mistakes": mistakes}, "")
	case len(mistakes) > 0:
		fmt.Fprintf(r.out, "%v\n%s, mistakes: %d\n", mistakes, count, len(mistakes))
	default:
		fmt.Fprintf(r.out, "%s, no mistakes\n", count)
	}
	if len(mistakes) > 0 {
		return errWrong
	}
	return nil
}

type serviceSchemaCommand struct {
	Bundle bool `help:"Of bundle.yaml: services that are asked for together."`
}

// Run prints the JSON Schema of service.yaml, or of bundle.yaml.
func (c serviceSchemaCommand) Run(r *run) error {
	text := service.Schema()
	if c.Bundle {
		text = service.BundleSchema()
	}
	_, err := r.out.Write(text)
	return err
}

type serviceTestCommand struct{ folders }

// Run replays the cases; exit 1 when one decides otherwise than written.
func (c serviceTestCommand) Run(r *run) error {
	asked, err := c.open()
	if err != nil {
		return err
	}
	_, _, library, err := service.ReadCommon(asked.root)
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
	count := func(key string, results []cases.Result, err error) error {
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
		return nil
	}
	for _, key := range asked.keys {
		folder, err := fs.Sub(asked.root, key)
		if err != nil {
			return err
		}
		results, err := world.Run(folder)
		if err := count(key, results, err); err != nil {
			return err
		}
	}
	for _, key := range asked.bundles {
		results, err := world.RunBundle(asked.root, key)
		if err := count(service.Bundles+"/"+key, results, err); err != nil {
			return err
		}
	}
	r.print(map[string]any{"passed": passed, "failed": failed, "services": all}, fmt.Sprintf("%d passed, %d failed", passed, failed))
	if failed > 0 {
		return errWrong
	}
	return nil
}
