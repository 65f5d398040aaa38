package service_test

import (
	"io/fs"
	"testing/fstest"
)

// folder is a folder of texts.
type folder map[string]string

func (f folder) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}
