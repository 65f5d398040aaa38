package documents

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanName makes a file's name as a browser gives it fit for a list and for a download: no path, no control or invisible
// characters, no change of writing direction (which makes gpj.exe read as exe.jpg), none of the names that Windows reserves,
// at most MaxName characters with the ending kept. Otherwise it stays as the person wrote it.
func CleanName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, visible(s))
	s = strings.Trim(s, ". ")
	base, ext := split(s)
	if reserved(base) {
		base = "_" + base
	}
	if base == "" {
		base = "document"
	}
	if over := utf8.RuneCountInString(base+ext) - MaxName; over > 0 {
		runes := []rune(base)
		base = strings.TrimRight(string(runes[:max(1, len(runes)-over)]), ". ")
	}
	return base + ext
}

// visible drops what cannot be seen: controls, formatting and direction marks, and what is not UTF-8.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		case unicode.IsControl(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}

// split parts a name before its ending; an ending is short, of letters and digits.
func split(s string) (base, ext string) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 || len(s)-i > 11 || i+1 == len(s) {
		return s, ""
	}
	for _, r := range s[i+1:] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return s, ""
		}
	}
	return strings.TrimRight(s[:i], " ."), s[i:]
}

// stem is the name without the ending.
func stem(s string) string {
	base, _ := split(s)
	return base
}

// ending is the lower-case ending without the point.
func ending(s string) string {
	_, ext := split(s)
	return strings.ToLower(strings.TrimPrefix(ext, "."))
}

// reserved tells the device names of Windows, which may stand before any ending.
func reserved(base string) bool {
	name, _, _ := strings.Cut(strings.ToUpper(base), ".")
	name = strings.TrimSpace(name)
	switch name {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(name) == 4 && (strings.HasPrefix(name, "COM") || strings.HasPrefix(name, "LPT")) && name[3] >= '0' && name[3] <= '9'
}
