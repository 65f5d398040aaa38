package service

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"elicense/internal/access"
)

// Schema gives the JSON Schema (draft 2020-12) of service.yaml, made of the types of Definition, for editors: it completes
// keys and shows what they are for. What it cannot say (names that must exist, rules) is checked by Parse.
func Schema() []byte {
	return schemaOf(reflect.TypeFor[Definition](), "A licence service of elicense", "key", "status", "sphere", "group", "name", "bodies", "recipients")
}

// BundleSchema gives the JSON Schema of bundle.yaml.
func BundleSchema() []byte {
	return schemaOf(reflect.TypeFor[Bundle](), "Services of elicense that are asked for together", "key", "sphere", "name", "summary", "parts", "shared")
}

func schemaOf(t reflect.Type, title string, required ...string) []byte {
	s := schema{defs: map[string]any{}, words: descriptions()}
	root := s.object(t)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	root["required"] = required
	root["$defs"] = s.defs
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of strings and lists
	}
	return append(text, '\n')
}

type schema struct {
	defs  map[string]any
	words map[string]string
}

// of gives the schema of a type; structs stand once, among the definitions.
func (s schema) of(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if words := enum(t); words != nil {
		return map[string]any{"enum": words}
	}
	switch {
	case isRule(t):
		return map[string]any{"type": []string{"string", "boolean", "integer"}}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case isScalar(t):
		return map[string]any{"type": "string"}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	}
	name := strings.ToLower(t.Name())
	if _, done := s.defs[name]; !done {
		s.defs[name] = nil // a type may hold itself
		object := s.object(t)
		if name == "text" {
			object["required"] = []string{"kk", "ru", "en"}
		}
		s.defs[name] = object
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

func (s schema) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	for _, k := range keysOf(t) {
		p := s.of(k.typ)
		if t == reflect.TypeFor[Column]() && k.name == "type" {
			p = map[string]any{"enum": columnTypes()}
		}
		if words := s.words[strings.ToLower(t.Name())+"."+k.name]; words != "" {
			p["description"] = words
		}
		properties[k.name] = p
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

// enum lists the words of a type that has few.
func enum(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[Status]():
		return []string{string(Open), string(Announced)}
	case reflect.TypeFor[Category]():
		return words(categories())
	case reflect.TypeFor[Part]():
		return words(Parts())
	case reflect.TypeFor[Recipient]():
		return words(Recipients())
	case reflect.TypeFor[Type]():
		return words(Types())
	case reflect.TypeFor[access.Duty]():
		return words(duties())
	case reflect.TypeFor[Task]():
		return words(tasks())
	case reflect.TypeFor[Effect]():
		return words(effects())
	case reflect.TypeFor[Starter]():
		return words(starters())
	case reflect.TypeFor[Signed]():
		return words(signed())
	case reflect.TypeFor[Silence]():
		return words(silences())
	}
	return nil
}

func words[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, w := range list {
		all[i] = string(w)
	}
	return all
}

// Undescribed lists the keys of the language that have no description, as "field.when".
func Undescribed() []string {
	words, seen := descriptions(), map[reflect.Type]bool{}
	var missing []string
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if isScalar(t) || seen[t] {
			return
		}
		seen[t] = true
		for _, k := range keysOf(t) {
			if name := strings.ToLower(t.Name()) + "." + k.name; words[name] == "" {
				missing = append(missing, name)
			}
			walk(k.typ)
		}
	}
	walk(reflect.TypeFor[Definition]())
	walk(reflect.TypeFor[Bundle]())
	return missing
}

// Keys lists every key of the language with what it is for, as the tables of the guide (Markdown), in the order of the
// definition, and then those of a bundle.
func Keys() string {
	var b strings.Builder
	definition, bundle := reflect.TypeFor[Definition](), reflect.TypeFor[Bundle]()
	words, seen := descriptions(), map[reflect.Type]bool{definition: true, bundle: true}
	queue := []reflect.Type{definition, bundle}
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		fmt.Fprintf(&b, "\n**%s**\n\n| key | value | what it is for |\n|---|---|---|\n", strings.ToLower(t.Name()))
		for _, k := range keysOf(t) {
			below := k.typ
			for below.Kind() == reflect.Pointer || below.Kind() == reflect.Slice || below.Kind() == reflect.Map {
				below = below.Elem()
			}
			what := strings.ToLower(below.Name())
			if isScalar(below) {
				what = kind(below)
			} else if !seen[below] {
				seen[below] = true
				queue = append(queue, below)
			}
			switch {
			case enum(below) != nil:
				what = strings.Join(enum(below), ", ")
			case k.typ.Kind() == reflect.Slice:
				what = "list: " + what
			case k.typ.Kind() == reflect.Map:
				what = "keys with " + what
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.name, what, words[strings.ToLower(t.Name())+"."+k.name])
		}
	}
	return b.String()
}
