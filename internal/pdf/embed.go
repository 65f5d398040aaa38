package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf16"

	"elicense/internal/port"
)

// embed writes a font as a composite one whose codes are the glyph numbers of the subset (Identity-H), with the map
// back to Unicode that makes text selectable and searchable (ISO 32000-1, 9.7 and 9.10.3).
func embed(f *file, s *prepared) int {
	program := f.packed(fmt.Sprintf("/Length1 %d", s.size), s.program)
	descriptor := f.add(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%.0f %.0f %.0f %.0f]/ItalicAngle 0"+
		"/Ascent %.0f/Descent %.0f/CapHeight 700/StemV 80/FontFile2 %d 0 R>>", s.name, s.font.bbox[0], s.font.bbox[1],
		s.font.bbox[2], s.font.bbox[3], s.font.ascent, s.font.descent, program))
	cid := f.add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDToGIDMap/Identity/FontDescriptor %d 0 R"+
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500/W[1%s]>>", s.name, descriptor, s.widths))
	unicode := f.packed("", s.unicode)
	return f.add(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		s.name, cid, unicode))
}

// toUnicode is the character map of a subset: number i+1 stands for runes[i].
func toUnicode(runes []rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n" +
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n1 begincodespacerange<0000><FFFF>endcodespacerange\n")
	const block = 100 // the most entries that one block may hold
	for start := 0; start < len(runes); start += block {
		part := runes[start:min(start+block, len(runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for i, r := range part {
			b.WriteString("<" + hex4(uint16(start+i+1)) + "><")
			for _, u := range utf16.Encode([]rune{r}) {
				b.WriteString(hex4(u))
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict/CMap defineresource pop end end\n")
	return b.Bytes()
}

// structure writes the tree of headings, paragraphs and figures (ISO 32000-1, 14.7): all elements are children of one
// Document, in reading order. pages are the object numbers of the pages.
func (c *canvas) structure(f *file, root int, pages []int) {
	document, parents := f.reserve(), f.reserve()
	numbers := make([]int, len(c.elems))
	var kids strings.Builder
	for i, e := range c.elems {
		numbers[i] = f.reserve()
		fmt.Fprintf(&kids, "%d 0 R ", numbers[i])
		body := fmt.Sprintf("<</Type/StructElem/S/%s/P %d 0 R/Pg %d 0 R", e.role, document, pages[e.marks[0].page])
		if e.alt != "" {
			body += "/Alt" + textString(e.alt)
		}
		body += "/K["
		for _, m := range e.marks {
			if m.page == e.marks[0].page {
				body += fmt.Sprintf("%d ", m.number)
			} else {
				body += fmt.Sprintf("<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[m.page], m.number)
			}
		}
		f.put(numbers[i], body+"]>>")
	}
	f.put(document, fmt.Sprintf("<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>", root, kids.String()))
	var nums strings.Builder
	for i, p := range c.pages {
		fmt.Fprintf(&nums, "%d[", i)
		for _, elem := range p.marks {
			fmt.Fprintf(&nums, "%d 0 R ", numbers[elem])
		}
		nums.WriteString("]")
	}
	f.put(parents, fmt.Sprintf("<</Nums[%s]>>", nums.String()))
	f.put(root, fmt.Sprintf("<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", document, parents, len(pages)))
}

// xmp is the metadata packet (ISO 16684-1) that archives and search engines read: title, language, time of issue.
func xmp(d port.Paper) []byte {
	var b bytes.Buffer
	escape := func(s string) string {
		var e bytes.Buffer
		_ = xml.EscapeText(&e, []byte(s)) // a bytes.Buffer never fails
		// The packet is not compressed; a value must not look like a key of the file to a simple search.
		return strings.ReplaceAll(e.String(), "/", "&#47;")
	}
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
		` xmlns:pdf="http://ns.adobe.com/pdf/1.3/">` + "\n")
	fmt.Fprintf(&b, "<dc:format>application/pdf</dc:format><dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>\n", d.Lang)
	fmt.Fprintf(&b, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">%s</rdf:li></rdf:Alt></dc:title>\n", escape(fullTitle(d)))
	fmt.Fprintf(&b, "<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>\n", escape(oneLine(d.StateBody)))
	if !d.Issued.IsZero() {
		at := d.Issued.UTC().Format("2006-01-02T15:04:05Z")
		fmt.Fprintf(&b, "<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate>\n", at, at)
	}
	b.WriteString("<pdf:Producer>elicense</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return b.Bytes()
}

// fullTitle is what a viewer shows in its window: the title with the number.
func fullTitle(d port.Paper) string {
	return oneLine(strings.TrimSpace(d.Title + " " + d.Number.Value))
}

// oneLine is a text without line ends, cleaned.
func oneLine(s string) string { return strings.ReplaceAll(clean(s), "\n", " ") }
