package lang

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold reduces a text to what search compares: lower case, one space between words, Kazakh letters as their plain
// neighbours (ә→а ғ→г қ→к ң→н ө→о ұ→у ү→у һ→х і→и) and ё→е й→и э→е, so that "казакстан" finds "Қазақстан". Both the
// stored column and the query go through it. Folding twice changes nothing.
func Fold(s string) string {
	if strings.ContainsFunc(s, combining) {
		s = norm.NFC.String(s) // й has arrived as и and a combining breve
	}
	out := make([]byte, 0, len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = len(out) > 0
			continue
		case combining(r): // a mark that joins no letter, such as a stress mark
			continue
		case space:
			out = append(out, ' ')
			space = false
		}
		out = utf8.AppendRune(out, foldRune(r))
	}
	return string(out)
}

// combining tells the marks that stand on the letter before them.
func combining(r rune) bool { return r >= 0x300 && r < 0x370 }

// foldRune takes the common letters without a look into the tables of Unicode: directories fold by the ten thousand.
func foldRune(r rune) rune {
	switch {
	case r < 'A', r >= 'а' && r <= 'я' && r != 'й' && r != 'э':
		return r
	case r >= 'А' && r <= 'Я':
		r += 'а' - 'А'
	default:
		r = unicode.ToLower(r)
	}
	switch r {
	case 'ә':
		return 'а'
	case 'ғ':
		return 'г'
	case 'қ':
		return 'к'
	case 'ң':
		return 'н'
	case 'ө':
		return 'о'
	case 'ұ', 'ү':
		return 'у'
	case 'һ':
		return 'х'
	case 'і', 'й':
		return 'и'
	case 'ё', 'э':
		return 'е'
	}
	return r
}

// Variants lists the readings of a query in the order in which they should be tried: folded as typed, then as it would
// read had the keyboard been in the other layout: rfpfrcnfy is казакстан, ышт is sin. An empty query has none.
func Variants(q string) []string {
	own := Fold(q)
	if own == "" {
		return nil
	}
	out := []string{own}
	if swapped, ok := otherLayout(q); ok {
		if other := Fold(swapped); other != own && other != "" {
			out = append(out, other)
		}
	}
	return out
}

// The keys of a Latin keyboard and of the Russian one in the same places. Kazakh letters lie on the row of digits,
// where a digit is far more likely to be meant.
const (
	latinKeys    = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
	cyrillicKeys = "ёйцукенгшщзхъфывапролджэячсмитьбю"
)

// otherLayout reads a query of one alphabet as typed on the keys of the other; false for a mixed one and for one with
// letters that those keys do not have.
func otherLayout(q string) (string, bool) {
	latin, cyrillic := holds(q, unicode.Latin), holds(q, unicode.Cyrillic)
	if latin == cyrillic {
		return "", false
	}
	from, to, own := []rune(latinKeys), []rune(cyrillicKeys), unicode.Latin
	if cyrillic {
		from, to, own = to, from, unicode.Cyrillic
	}
	swapped := strings.Map(func(r rune) rune {
		if i := slices.Index(from, unicode.ToLower(r)); i >= 0 {
			return to[i]
		}
		return r
	}, q)
	return swapped, !holds(swapped, own)
}

func holds(s string, alphabet *unicode.RangeTable) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(alphabet, r) })
}
