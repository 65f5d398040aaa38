package xmldsig

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// parse reads a document as a tree and refuses what could be read in two ways.
func parse(document []byte) (*etree.Element, error) {
	if len(document) > MaxDocument {
		return nil, refuse(cms.KeyTooLarge)
	}
	if err := scan(document); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	tree.ReadSettings = etree.ReadSettings{PreserveDuplicateAttrs: true, MaxDepth: maxDepth + 1}
	if err := tree.ReadFromBytes(document); err != nil {
		return nil, fault.New(fault.Invalid, cms.KeyMalformed).Because(err)
	}
	roots := tree.ChildElements()
	if len(roots) != 1 {
		return nil, refuse(cms.KeyMalformed)
	}
	root := roots[0].Copy() // alone, without what stands around it
	return root, unique(root)
}

// scan walks the tokens before a tree is made of them: bounds, and nothing but elements, attributes and text.
func scan(document []byte) error {
	if !utf8.Valid(document) {
		return refuse(cms.KeyMalformed)
	}
	s := scanner{}
	decoder := xml.NewDecoder(bytes.NewReader(document))
	for first := true; ; first = false {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if strings.Contains(err.Error(), "entity") {
				return fault.New(fault.Invalid, KeyEntities).Because(err)
			}
			return fault.New(fault.Invalid, cms.KeyMalformed).Because(err)
		}
		if err := s.take(token, first); err != nil {
			return err
		}
	}
	if len(s.open) != 0 || s.elements == 0 {
		return refuse(cms.KeyMalformed)
	}
	return nil
}

// scanner is where the walk is.
type scanner struct {
	open     []xml.Name
	elements int
	named    int  // attributes so far
	ended    bool // the root is closed
}

func (s *scanner) take(token xml.Token, first bool) error {
	switch t := token.(type) {
	case xml.Directive:
		return refuse(KeyEntities)
	case xml.Comment:
		return refuse(KeyComment)
	case xml.ProcInst:
		if !first || t.Target != "xml" {
			return refuse(KeyComment)
		}
		if text := strings.ToLower(string(t.Inst)); strings.Contains(text, "encoding") && !strings.Contains(text, "utf-8") {
			return refuse(cms.KeyMalformed)
		}
	case xml.CharData:
		if len(s.open) == 0 && len(bytes.Trim(t, " \t\r\n\ufeff")) != 0 {
			return refuse(cms.KeyMalformed)
		}
	case xml.StartElement:
		return s.start(t)
	case xml.EndElement:
		if len(s.open) == 0 || s.open[len(s.open)-1] != t.Name {
			return refuse(cms.KeyMalformed)
		}
		s.open = s.open[:len(s.open)-1]
		s.ended = len(s.open) == 0
	}
	return nil
}

func (s *scanner) start(t xml.StartElement) error {
	s.elements++
	s.named += len(t.Attr)
	s.open = append(s.open, t.Name)
	switch {
	case s.ended:
		return refuse(cms.KeyTrailing)
	case len(s.open) > maxDepth:
		return refuse(cms.KeyTooDeep)
	case s.elements > maxElements || len(t.Attr) > maxAttributes || s.named > maxNamed:
		return refuse(cms.KeyTooLarge)
	case !plain(t.Name):
		return refuse(cms.KeyMalformed)
	}
	seen := make(map[xml.Name]bool, len(t.Attr))
	for _, a := range t.Attr {
		if seen[a.Name] || !plain(a.Name) || a.Name.Space == "xmlns" && (a.Value == "" || a.Name.Local == "xml" || a.Name.Local == "xmlns") {
			return refuse(cms.KeyMalformed)
		}
		seen[a.Name] = true
	}
	return nil
}

// plain refuses names that readers of XML take apart in different ways.
func plain(n xml.Name) bool { return n.Local != "" && !strings.Contains(n.Local+n.Space, ":") }

// unique refuses prefixes that nothing declares, two attributes of one name, and an Id that stands twice. All the spellings of
// an Id that some reader takes for one count.
func unique(root *etree.Element) error {
	ids := make(map[string]bool)
	var walk func(e *etree.Element) error
	walk = func(e *etree.Element) error {
		if e.Space != "" && e.NamespaceURI() == "" {
			return refuse(cms.KeyMalformed)
		}
		names := make(map[xml.Name]bool, len(e.Attr))
		for _, a := range e.Attr {
			space := a.Space
			if space != "" && space != "xmlns" && space != "xml" {
				if space = a.NamespaceURI(); space == "" {
					return refuse(cms.KeyMalformed)
				}
			}
			name := xml.Name{Space: space, Local: a.Key}
			if names[name] {
				return refuse(cms.KeyMalformed)
			}
			names[name] = true
			if strings.EqualFold(a.Key, "id") && a.Space != "xmlns" {
				if ids[a.Value] {
					return refuse(KeyID)
				}
				ids[a.Value] = true
			}
		}
		for _, child := range e.ChildElements() {
			if err := walk(child); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(root)
}
