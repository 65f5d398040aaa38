package service_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"elicense/internal/service"
)

func TestSchemaIsFresh(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "service.schema.json")
	if *update {
		if err := os.WriteFile(file, service.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
		guide := filepath.Join("..", "..", "docs", "writing-a-service.md")
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, _ := strings.Cut(string(text), "<!-- keys -->")
		_, after, _ := strings.Cut(rest, "<!-- /keys -->")
		if err := os.WriteFile(guide, []byte(before+"<!-- keys -->\n"+service.Keys()+"\n<!-- /keys -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bundles := filepath.Join("..", "..", "docs", "bundle.schema.json")
	if *update {
		if err := os.WriteFile(bundles, service.BundleSchema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(bundles); err != nil || !bytes.Equal(have, service.BundleSchema()) {
		t.Errorf("docs/bundle.schema.json is stale (%v): go test ./internal/service -update", err)
	}
	have, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(have, service.Schema()) {
		t.Errorf("docs/service.schema.json is stale (%v): go test ./internal/service -update", err)
	}
	if missing := service.Undescribed(); len(missing) > 0 {
		t.Errorf("describe.go does not say what these are for: %v", missing)
	}
}

// Every service of the folder obeys the schema and names it in its first line; a wrong one does not obey.
func TestServicesObeySchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(service.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	v := validator{schema["$defs"].(map[string]any)}
	root := os.DirFS(filepath.Join("..", "..", "services"))
	files, err := fs.Glob(root, "*/service.yaml")
	if err != nil || len(files) < 19 {
		t.Fatal(files, err)
	}
	const first = "# yaml-language-server: $schema=../../docs/service.schema.json\n"
	for _, name := range files {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), first) {
			t.Errorf("%s does not begin with %s", name, first)
		}
		for _, wrong := range v.file(t, text, schema) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
	sample := good(t)["service.yaml"]
	if wrong := v.file(t, []byte(sample), schema); wrong != nil {
		t.Error(wrong)
	}
	for _, edit := range [][2]string{{"status: open", "status: opened"}, {"when:", "wehn:"}, {"type: yesno", "type: bool"}, {"working_days: 1", "working_days: one"},
		{", en: Group}", "}"}, {"bodies: [ministry]", "bodies: ministry"}, {"key: sample\n", ""}, {"[legal_entity, individual]", "[person]"}, {"type: int", "type: float"}} {
		if wrong := v.file(t, []byte(strings.Replace(sample, edit[0], edit[1], 1)), schema); len(wrong) == 0 {
			t.Errorf("%s → %s obeys the schema", edit[0], edit[1])
		}
	}
}

// validator knows as much of JSON Schema as ours uses.
type validator struct{ defs map[string]any }

func (v validator) file(t *testing.T, text []byte, schema map[string]any) []string {
	t.Helper()
	plain, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(plain, &value); err != nil {
		t.Fatal(err)
	}
	return v.wrong(value, schema, "")
}

func (v validator) wrong(value any, schema map[string]any, path string) (found []string) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = v.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if list, ok := schema["enum"].([]any); ok && !slices.Contains(list, value) {
		return []string{fmt.Sprintf("%s: %v is none of %v", path, value, list)}
	}
	if want, ok := schema["type"]; ok && !isOf(value, want) {
		return []string{fmt.Sprintf("%s: %v is no %v", path, value, want)}
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			found = append(found, v.wrong(item, schema["items"].(map[string]any), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		required, _ := schema["required"].([]any)
		for _, key := range required {
			if _, ok := value[key.(string)]; !ok {
				found = append(found, fmt.Sprintf("%s: no %v", path, key))
			}
		}
		properties, _ := schema["properties"].(map[string]any)
		for key, item := range value {
			sub, ok := properties[key].(map[string]any)
			if !ok {
				sub, ok = schema["additionalProperties"].(map[string]any)
			}
			if !ok {
				found = append(found, fmt.Sprintf("%s: unknown %s", path, key))
				continue
			}
			found = append(found, v.wrong(item, sub, path+"."+key)...)
		}
	}
	return found
}

func isOf(value, want any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return isOf(value, one) })
	}
	switch value := value.(type) {
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case float64:
		return want == "integer" && value == float64(int64(value))
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}
