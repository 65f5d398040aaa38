package cases

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/service"
)

// BundleCase is one filing of a bundle: what is answered once, and for each service what is answered there and must come of it.
type BundleCase struct {
	Name  string `yaml:"name"`
	Party struct {
		Kind service.Recipient `yaml:"kind"`
	} `yaml:"party"`
	Filed  civil.Date         `yaml:"filed"`
	Shared map[string]string  `yaml:"shared"` // by key of the question, as a person types them
	Parts  map[string]Bundled `yaml:"parts"`  // by service
}

// Bundled is one service in a case of a bundle.
type Bundled struct {
	Paid      bool              `yaml:"paid"`
	Answers   map[string]string `yaml:"answers"`
	Documents []string          `yaml:"documents"`
	Expect    Expect            `yaml:"expect"`
}

// of is the case of one part: as if the service were ordered alone, with what was answered once among its answers.
func (c BundleCase) of(t service.Together, p service.BundledPart) Case {
	part := c.Parts[p.Service]
	one := Case{Name: c.Name, Party: c.Party, Operation: p.Operation, Filed: c.Filed, Paid: part.Paid, Documents: part.Documents, Expect: part.Expect, Answers: map[string]string{}}
	maps.Copy(one.Answers, part.Answers)
	for _, s := range t.Shared {
		if field := s.Field(p.Service); field != "" && c.Shared[s.Key] != "" {
			one.Answers[field] = c.Shared[s.Key]
		}
	}
	return one
}

// RunBundle replays the cases of a bundle of a folder of services, in order of their names. A part that decides otherwise is
// named before what is wrong with it.
func (w World) RunBundle(root fs.FS, key string) ([]Result, error) {
	good, wrong := service.CheckBundles(root, []string{key})
	t, ok := good[key]
	if !ok {
		return nil, wrong
	}
	replays := map[string]replay{}
	for _, rev := range t.Services {
		folder, err := fs.Sub(root, rev.Service)
		if err != nil {
			return nil, err
		}
		src, err := service.ReadSource(folder)
		if err != nil {
			return nil, err
		}
		if replays[rev.Service], err = w.open(rev, src); err != nil {
			return nil, err
		}
	}
	var results []Result
	err := bundleCases(root, key, func(name string, text []byte) {
		c, wrong := readBundle(path.Base(name), text, t)
		result := Result{File: path.Base(name), Name: c.Name}
		if len(wrong) > 0 {
			result.Wrong = strings.Split(wrong.Error(), "\n")
		} else {
			for _, p := range t.Parts {
				for _, line := range replays[p.Service].run(c.of(t, p)) {
					result.Wrong = append(result.Wrong, p.Service+": "+line)
				}
			}
		}
		results = append(results, result)
	})
	return results, err
}

// bundleCases reads the files of a bundle's cases in order of their names.
func bundleCases(root fs.FS, key string, each func(name string, text []byte)) error {
	names, err := fs.Glob(root, service.Bundles+"/"+key+"/cases/*.yaml")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		each(name, text)
	}
	return nil
}

// CheckBundles gives all that is wrong with the text of the bundles of a folder of services, by their keys, and of their cases.
func CheckBundles(root fs.FS, keys []string) service.Mistakes {
	good, found := service.CheckBundles(root, keys)
	for _, key := range slices.Sorted(maps.Keys(good)) {
		cases := 0
		err := bundleCases(root, key, func(name string, text []byte) {
			_, wrong := readBundle(name, text, good[key])
			found, cases = append(found, wrong...), cases+1
		})
		if err == nil && cases == 0 {
			err = fmt.Errorf("the bundle has no cases: put one into %s/%s/cases", service.Bundles, key)
		}
		found = append(found, service.AsMistakes(service.Bundles+"/"+key+"/bundle.yaml", err)...)
	}
	return found.Sorted()
}

// readBundle reads a case of a bundle and holds the names in it against the bundle and its services.
func readBundle(file string, text []byte, t service.Together) (BundleCase, service.Mistakes) {
	var c BundleCase
	tree, err := service.YAML(file, text, &c)
	if err != nil {
		return c, service.AsMistakes(file, err)
	}
	r := reader{tree: tree}
	r.head(c.Name, c.Filed)
	if !t.Serves(c.Party.Kind) {
		r.add("party.kind", "not every service of the bundle serves %q", c.Party.Kind)
	}
	for key := range c.Shared {
		if _, ok := t.Form.Definition.Field(key); !ok {
			r.add("shared."+key, "the bundle asks no %q once", key)
		}
	}
	for key := range c.Parts {
		if t.Place(key) == len(t.Parts) {
			r.add("parts."+key, "%q is none of the bundle's services", key)
		}
	}
	for i, p := range t.Parts {
		part, ok := c.Parts[p.Service]
		if !ok {
			r.add("parts", "say what comes of %s", p.Service)
			continue
		}
		for _, s := range t.Shared {
			if _, twice := part.Answers[s.Field(p.Service)]; twice {
				r.add("parts."+p.Service+".answers", "%s is answered once, under shared", s.Key)
			}
		}
		below := reader{tree: tree, under: "parts." + p.Service + "."}
		below.names(c.of(t, p), t.Services[i].Definition)
		below.expected(part.Expect)
		r.found = append(r.found, below.found...)
	}
	return c, r.found
}
