package pdf

import (
	"time"

	"elicense/internal/lang"
	"elicense/internal/port"
)

// tradeLicence is a made-up one-time licence on the form of the Eurasian Economic Union, in one language. The numbers
// and identifiers have valid check digits and belong to nobody.
func tradeLicence(l lang.Lang) port.Paper {
	d := port.Paper{
		Lang:   l,
		Emblem: true,
		Issued: time.Date(2026, 11, 22, 9, 5, 0, 0, time.UTC),
	}
	pick := func(kk, ru, en string) string { return lang.Text{KK: kk, RU: ru, EN: en}.Get(l) }
	d.StateBody = pick("Қазақстан Республикасының Сауда және интеграция министрлігі", "Министерство торговли и интеграции Республики Казахстан",
		"Ministry of Trade and Integration of the Republic of Kazakhstan")
	d.Title = pick("ЛИЦЕНЗИЯ", "ЛИЦЕНЗИЯ", "LICENCE")
	d.Subtitle = pick("тауарлардың жекелеген түрлерін импорттауға арналған біржолғы лицензия",
		"разовая лицензия на импорт отдельных видов товаров", "one-time licence for the import of certain kinds of goods")
	d.Number = port.Labelled{Label: pick("Құжаттың бірегей нөмірі", "Уникальный номер документа", "Unique number of the document"), Value: "KZ50LTL00000001"}
	d.OtherNumbers = []port.Labelled{{Label: pick("ЕАЭО лицензиясының нөмірі", "Номер лицензии ЕАЭС", "EAEU licence number"), Value: "216KZ26001000123"},
		{Label: pick("Берілген күні", "Дата выдачи", "Date of issue"), Value: "22.11.2026"}}
	cell := func(no string, width int, kk, ru, en, value string) port.Cell {
		return port.Cell{No: no, Label: pick(kk, ru, en), Value: value, Width: width}
	}
	d.Rows = []port.Row{
		{Cells: []port.Cell{
			cell("1", 4, "Лицензия №", "Лицензия №", "Licence No.", "216KZ26001000123"),
			cell("2", 4, "Қолданылу мерзімі", "Период действия", "Valid", pick("22.11.2026 бастап 31.12.2026 дейін", "с 22.11.2026 по 31.12.2026", "from 22.11.2026 to 31.12.2026")),
			cell("3", 4, "Лицензия түрі", "Тип лицензии", "Type of licence", pick("ИМПОРТ, біржолғы", "ИМПОРТ, разовая", "IMPORT, one-time")),
		}},
		{Cells: []port.Cell{
			cell("4", 12, "Келісімшарт", "Контракт", "Contract", pick("№ 17/2026-К, 03.11.2026", "№ 17/2026-К от 03.11.2026", "No. 17/2026-K of 03.11.2026")),
		}},
		{Cells: []port.Cell{
			cell("5", 6, "Өтініш беруші", "Заявитель", "Applicant", pick("«Көкжиек Сауда» ЖШС, БСН 260140000604\nҚазақстан, 050000, Алматы қ., Үлкен көш., 12-үй",
				"ТОО «Көкжиек Сауда», БИН 260140000604\nКазахстан, 050000, г. Алматы, ул. Үлкен, д. 12", "Kökzhiek Sauda LLP, BIN 260140000604\n12 Ulken St., Almaty 050000, Kazakhstan")),
			cell("6", 6, "Сатушы", "Продавец", "Seller", "Beispiel Handels GmbH\nMusterstraße 5, 10115 Berlin, Deutschland"),
		}},
		{Cells: []port.Cell{
			cell("7", 6, "Жөнелтуші ел", "Страна отправления", "Country of dispatch", pick("Германия", "Германия", "Germany")),
			cell("8", 6, "Сатушының елі", "Страна продавца", "Country of the seller", pick("Германия", "Германия", "Germany")),
		}},
		{Cells: []port.Cell{
			cell("9", 4, "Келісімшарт валютасы", "Валюта контракта", "Currency of the contract", "KZT (₸)"),
			cell("10", 4, "Құны", "Стоимость", "Value", "43\u00A0250\u00A0000,50\u00A0₸"),
			cell("11", 4, "Статистикалық құны", "Статистическая стоимость", "Statistical value", "81\u00A0900 USD"),
		}},
		{Cells: []port.Cell{
			cell("12", 4, "Шығарылған елі", "Страна происхождения", "Country of origin", pick("Германия", "Германия", "Germany")),
			cell("13", 4, "Саны", "Количество", "Quantity", "12\u00A0500"),
			cell("14", 4, "Өлшем бірлігі", "Единица измерения", "Unit", pick("кг (166)", "кг (166)", "kg (166)")),
		}},
		{Cells: []port.Cell{
			cell("15", 12, "ЕАЭО СЭҚ ТН бойынша тауар коды және сипаттамасы", "Код товара по ТН ВЭД ЕАЭС и описание", "Goods code (CN FEA EAEU) and description",
				pick("2903 45 000 0\n1,1,1,2-тетрафторэтан (ГФК-134a), салмағы 13,6 кг баллондарда, тоңазытқыш жабдыққа арналған",
					"2903 45 000 0\n1,1,1,2-тетрафторэтан (ГФУ-134a) в баллонах по 13,6 кг, для холодильного оборудования",
					"2903 45 000 0\n1,1,1,2-tetrafluoroethane (HFC-134a) in cylinders of 13.6 kg, for refrigerating equipment")),
		}},
		{Cells: []port.Cell{
			cell("16", 12, "Қосымша ақпарат", "Дополнительная информация", "Additional information", pick("Квота шегінде, 2026 жыл", "В пределах квоты 2026 года", "Within the quota of 2026")),
		}},
		{Cells: []port.Cell{
			cell("17", 12, "Лицензия беру негізі", "Основание для выдачи", "Ground for issue", pick("KZ98RTL00000001 өтініші, 21.11.2026", "Заявление KZ98RTL00000001 от 21.11.2026", "Application KZ98RTL00000001 of 21.11.2026")),
		}},
	}
	endOfLicence(&d, pick)
	return d
}

// endOfLicence adds what stands under the grid.
func endOfLicence(d *port.Paper, pick func(kk, ru, en string) string) {
	d.Notes = []string{pick("Лицензия берілмейді және басқа тұлғаға өтпейді.", "Лицензия неотчуждаема и не передаётся другим лицам.", "The licence may not be alienated or passed to another person.")}
	d.Signatory = []port.Labelled{
		{Label: pick("18  Уәкілетті тұлға", "18  Уполномоченное лицо", "18  Authorised person"), Value: pick("Әлиев Ержан Құрманұлы", "Әлиев Ержан Құрманұлы", "Yerzhan Aliyev")},
		{Label: pick("Лауазымы", "Должность", "Position"), Value: pick("Департамент директоры", "Директор департамента", "Director of the department")},
	}
	d.Verify = port.Verify{
		URL: "https://elicense.example.kz/" + string(d.Lang) + "/v/7Qm3vX0pTzK9bR2cWn5yLd",
		Text: pick("Құжаттың түпнұсқалығын тексеру үшін кодты сканерлеңіз немесе мекенжайды браузерде ашыңыз. Ашылған беттің мекенжайы мынадан басталуы тиіс:",
			"Чтобы проверить подлинность документа, отсканируйте код или откройте адрес в браузере. Адрес открывшейся страницы должен начинаться с:",
			"To check that this document is genuine, scan the code or open the address in a browser. The address of the page must begin with:"),
		HostInWords: "elicense.example.kz",
	}
}
