package service

import (
	"io/fs"

	"elicense/internal/lang"
)

// ReadCommon reads what all services share from the root of the services' folder: catalogue.yaml (spheres and state
// bodies) and common.yaml (pages to include).
func ReadCommon(folder fs.FS) ([]Sphere, []Body, *Library, error) {
	text, err := fs.ReadFile(folder, "catalogue.yaml")
	if err != nil {
		return nil, nil, nil, err
	}
	var doc struct {
		Spheres []Sphere `yaml:"spheres"`
		Bodies  []Body   `yaml:"bodies"`
	}
	if err := decode("catalogue.yaml", text, &doc); err != nil {
		return nil, nil, nil, err
	}
	c := &checker{file: "catalogue.yaml"}
	for _, s := range doc.Spheres {
		c.text(s.Name, "sphere "+s.Key)
	}
	for _, b := range doc.Bodies {
		c.text(b.Name, "body "+b.Key)
	}
	if len(c.found) > 0 {
		return nil, nil, nil, c.found
	}
	common, err := fs.ReadFile(folder, "common.yaml")
	if err != nil {
		return nil, nil, nil, err
	}
	library, err := ParseLibrary("common.yaml", common)
	if err != nil {
		return nil, nil, nil, err
	}
	return doc.Spheres, doc.Bodies, library, nil
}

// Folders lists the services of a folder by key.
func Folders(folder fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, e := range entries {
		if e.IsDir() {
			keys = append(keys, e.Name())
		}
	}
	return keys, nil
}

// Preset gives the answers that a subtype sets.
func (d *Definition) Preset(subtype string) map[string]string {
	for _, s := range d.Subtypes {
		if s.Key == subtype {
			return s.Preset
		}
	}
	return nil
}

// SubtypeName is the name of a subtype, or of the service where there is none.
func (d *Definition) SubtypeName(subtype string) lang.Text {
	for _, s := range d.Subtypes {
		if s.Key == subtype {
			return s.Name
		}
	}
	return d.Name
}
