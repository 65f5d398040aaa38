package lang

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]Lang{"kk": KK, "kz": KK, "ru": RU, "en": EN} {
		if got, ok := Parse(s); !ok || got != want {
			t.Errorf("Parse(%q) = %s, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "KK", "de", "kk-KZ"} {
		if got, ok := Parse(s); ok {
			t.Errorf("Parse(%q) = %s", s, got)
		}
	}
}

func TestTextIn(t *testing.T) {
	for _, tt := range []struct {
		text Text
		ask  Lang
		want string
		is   Lang
	}{
		{Text{"а", "б", "c"}, RU, "б", RU}, {Text{"а", "", ""}, EN, "а", KK}, {Text{"", "б", "c"}, KK, "б", RU}, {Text{"", "", "c"}, RU, "c", EN}, {Text{}, RU, "", RU},
	} {
		if got, is := tt.text.In(tt.ask); got != tt.want || is != tt.is {
			t.Errorf("%+v in %s = %q, %s", tt.text, tt.ask, got, is)
		}
	}
	if !(Text{"а", "б", "c"}).Complete() || (Text{"а", "б", ""}).Complete() || !(Text{}).IsZero() || (Text{EN: "c"}).IsZero() {
		t.Error("Complete or IsZero")
	}
	if (Text{"а", "б", "c"}).Get("de") != "" {
		t.Error("a text in German")
	}
}

func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"Қазақстан": "казакстан", "  Өскемен \u00a0 қ.\n": "оскемен к.", "Ёлка Йод Этаж": "елка иод етаж", "Ұлы Үй Һәм Іңкәр Ғ": "улы уи хам инкар г",
		"и\u0306од": "иод", "ABC Ä": "abc ä", "за\u0301мок": "замок", "э\u0300": "е", "\u0300": "", "": "", " \t ": "", "KZ19RFB": "kz19rfb",
	} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
	for _, r := range "әғқңөұүһіёйэӘҒҚҢӨҰҮҺІЁЙЭ" {
		if got := Fold(string(r)); strings.ContainsAny(got, "әғқңөұүһіёйэ") || got != strings.ToLower(got) {
			t.Errorf("%q folds to %q", r, got)
		}
	}
}

func TestVariants(t *testing.T) {
	for q, want := range map[string][]string{
		"rfpfrcnfy": {"rfpfrcnfy", "казакстан"}, "Қазақстан": {"казакстан"}, "ышт": {"ышт", "sin"}, "": nil, "  ": nil,
		"123": {"123"}, "kz казак": {"kz казак"}, "Äfcn": {"äfcn"}, "Fcnfyf": {"fcnfyf", "астана"}, "fktrcttd-": {"fktrcttd-", "алексеев-"}, "'vf": {"'vf", "ема"},
	} {
		if got := Variants(q); !slices.Equal(got, want) {
			t.Errorf("Variants(%q) = %q, want %q", q, got, want)
		}
	}
}

func TestSortKeyKazakhOrder(t *testing.T) {
	const alphabet = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя" // Kazakh Cyrillic, 42 letters
	letters := strings.Split(alphabet, "")
	if len(letters) != 42 {
		t.Fatalf("%d letters", len(letters))
	}
	for i := 1; i < len(letters); i++ {
		if bytes.Compare(SortKey(KK, letters[i-1]), SortKey(KK, letters[i])) >= 0 {
			t.Errorf("%s does not sort before %s", letters[i-1], letters[i])
		}
	}
	words := []string{"Өскемен", "Орал", "Ақтау", "Әйтеке би", "Алматы", "Ұлан", "Тараз", "Үржар", "іле", "Ыстықкөл", "Ырғыз"}
	sorter := NewSorter(KK)
	slices.SortFunc(words, func(a, b string) int { return bytes.Compare(sorter.Key(a), sorter.Key(b)) })
	want := []string{"Ақтау", "Алматы", "Әйтеке би", "Орал", "Өскемен", "Тараз", "Ұлан", "Үржар", "Ырғыз", "Ыстықкөл", "іле"}
	if !slices.Equal(words, want) {
		t.Errorf("%v, want %v", words, want)
	}
}

func TestSortKeysBelongToTheCaller(t *testing.T) {
	sorter := NewSorter(RU)
	first := sorter.Key("абв")
	kept := bytes.Clone(first)
	sorter.Key("яяя")
	if !bytes.Equal(first, kept) {
		t.Error("a later key overwrote an earlier one")
	}
	if !bytes.Equal(first, SortKey(RU, "абв")) {
		t.Error("Sorter and SortKey differ")
	}
	if sorter.Compare("а", "б") >= 0 {
		t.Error("Compare")
	}
}

func TestFoldTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q folds to %q and then to %q", s, once, Fold(once))
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Қазақстан", "и\u0306", "\xff\xfe", "İ", "ſ", "\u0300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := Fold(s); Fold(once) != once {
			t.Errorf("%q folds to %q and then to %q", s, once, Fold(once))
		}
		for _, v := range Variants(s) {
			if v == "" || Fold(v) != v {
				t.Errorf("%q has the variant %q", s, v)
			}
		}
	})
}

func BenchmarkSortKey(b *testing.B) {
	for b.Loop() {
		SortKey(KK, "Қызылорда облысы")
	}
}

func BenchmarkSorter(b *testing.B) {
	sorter := NewSorter(KK)
	for b.Loop() {
		sorter.Key("Қызылорда облысы")
	}
}
