package demo

import (
	"bytes"
	"fmt"
)

// Papers is a register of paper licences for the demonstration, of its own people, as a CSV file: series 15 No. 1111 as in
// the manual of the restoration, its neighbours, two of the older system's numbers, and one that was terminated.
func Papers() []byte {
	var b bytes.Buffer
	b.WriteString("body,kind_kk,kind_ru,category,series,number,issued,holder,holder_number,state\n")
	row := func(body, kk, ru, series, number, issued, holder, holderNumber, state string) {
		fmt.Fprintf(&b, "%s,%s,%s,activity,%s,%s,%s,%s,%s,%s\n", body, kk, ru, series, number, issued, holder, holderNumber, state)
	}
	const kk, ru = "Шифрлеу құралдарымен байланысты қызметтер", "Услуги связанные со средствами шифрования"
	row("knb", kk, ru, "15", "1111", "2011-09-14", "«Үлгі Сауда» ЖШС", TradeBIN(), "acting")
	row("knb", kk, ru, "15", "1112", "2012-09-21", "«Үлгі Сауда» ЖШС", TradeBIN(), "acting")
	row("knb", kk, ru, "15", "1113", "2013-03-14", "«Үлгі Сауда» ЖШС", TradeBIN(), "acting")
	row("knb", kk, ru, "", "R11001155", "2011-05-20", "«Мысал Импорт» ЖШС", ImportBIN(), "acting")
	row("knb", kk, ru, "", "R11001156", "2011-05-20", "«Мысал Импорт» ЖШС", ImportBIN(), "acting")
	row("knb", kk, ru, "15", "0907", "2009-02-02", "«Мысал Импорт» ЖШС", ImportBIN(), "terminated")
	row("cci", "Байланыс саласында қызметтер көрсету", "Предоставление услуг в области связи", "", "002417", "2008-11-06", "«Үлгі Сауда» ЖШС", TradeBIN(), "acting")
	return b.Bytes()
}
