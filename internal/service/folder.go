package service

import (
	"fmt"
	"io/fs"
)

// CheckFolder reads the services of a folder by their keys and gives all that is wrong with them and with what they share; files
// are called by their path in the folder. Codes of document numbers are compared over all services of the folder.
func CheckFolder(root fs.FS, keys []string) (map[string]*Revision, Mistakes) {
	_, _, lib, err := ReadCommon(root)
	if err != nil {
		return nil, AsMistakes("catalogue.yaml", err)
	}
	good := map[string]*Revision{}
	var found Mistakes
	for _, key := range keys {
		rev, err := readRevision(root, key, lib)
		if err != nil {
			found = append(found, AsMistakes("service.yaml", err).Under(key)...)
			continue
		}
		good[key] = rev
		if rev.Service != key {
			found = append(found, &Mistake{File: key + "/service.yaml", Line: 1, Column: 1, Text: fmt.Sprintf("the service is called %q and its folder %q: call both the same", rev.Service, key)})
		}
	}
	return good, append(found, codes(root)...).Sorted()
}

func readRevision(root fs.FS, key string, lib *Library) (*Revision, error) {
	folder, err := fs.Sub(root, key)
	if err != nil {
		return nil, err
	}
	src, err := ReadSource(folder)
	if err != nil {
		return nil, err
	}
	return NewRevision(src, lib, 1)
}

// codes finds codes of document numbers that two services use: their numbers could not be told apart.
func codes(root fs.FS) Mistakes {
	keys, err := Folders(root)
	if err != nil {
		return AsMistakes(".", err)
	}
	var found Mistakes
	owner := map[string]string{}
	for _, key := range keys {
		text, err := fs.ReadFile(root, key+"/service.yaml")
		if err != nil {
			continue
		}
		var d Definition
		t, usable := read(key+"/service.yaml", text, &d, new(Mistakes))
		if !usable {
			continue
		}
		for name, code := range map[string]string{"application": d.Numbers.Application, "permit": d.Numbers.Permit} {
			if other := owner[code]; code != "" && other != "" && other != key {
				found = append(found, t.Mistake("numbers."+name, "numbers.%s: %s has the code %s already: take another", name, other, code))
			}
			owner[code] = key
		}
	}
	return found
}
