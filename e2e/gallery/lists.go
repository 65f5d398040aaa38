package main

import (
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

func (g *gallery) cabinet(*http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Менің өтініштерім", "Мои заявления", "My applications")
	return &page.Chrome{Title: title, Breadcrumbs: g.crumbs(title), NoIndex: true, Messages: []page.Banner{{Kind: page.Done, Title: g.say("Жоба жойылды", "Черновик удалён", "Draft deleted"), Text: "KZ19RFB00000009"}}}, cabinetBody(g, title)
}

func (g *gallery) empty(*http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Менің рұқсат беру құжаттарым", "Мои разрешительные документы", "My permit documents")
	return &page.Chrome{Title: title, Breadcrumbs: g.crumbs(title)}, emptyBody(g, title)
}

func (g *gallery) queue(*http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Өтініштер кезегі", "Очередь заявлений", "Queue of applications")
	return &page.Chrome{Title: title, Wide: true}, queueBody(g, title)
}

func (g *gallery) check(*http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Жауаптарыңызды тексеріңіз", "Проверьте ответы", "Check your answers")
	return &page.Chrome{Title: title, Breadcrumbs: g.crumbs(title)}, checkBody(g, title)
}

func (g *gallery) sign(r *http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Өтінішке қол қою", "Подписание заявления", "Sign the application")
	return &page.Chrome{Title: title, Files: g.scripts(assets.Sign), Breadcrumbs: g.crumbs(title)}, signBody(g, title, r.Method == http.MethodPost && r.FormValue(page.NameCMS) != "", r.FormValue("demo") != "")
}

func (g *gallery) done(*http.Request) (*page.Chrome, templ.Component) {
	return &page.Chrome{Title: g.say("Өтініш жіберілді", "Заявление отправлено", "Application sent")}, doneBody(g)
}

func (g *gallery) problem(*http.Request) (*page.Chrome, templ.Component) {
	p := page.Problem{
		Status:    g.say("404 қатесі", "Ошибка 404", "Error 404"),
		Title:     g.say("Бет табылмады", "Страница не найдена", "Page not found"),
		Text:      g.say("Мекенжай қате терілген немесе бет көшірілген болуы мүмкін. Жазғандарыңыз сақтаулы.", "Возможно, адрес набран с ошибкой или страница переехала. Введённое сохранено.", "The address may be mistyped, or the page has moved. What you typed is kept."),
		Remedies:  []string{g.say("Мекенжайды тексеріңіз.", "Проверьте адрес.", "Check the address."), g.say("Қызметті іздеу арқылы табыңыз.", "Найдите услугу через поиск.", "Find the service by searching.")},
		RequestID: "01JDA7W3M8K2", Help: g.say("Байланыс орталығы: 1414, тәулік бойы.", "Контакт-центр: 1414, круглосуточно.", "Contact centre: 1414, round the clock."),
		Links: []page.Link{{Text: g.say("Басты бетке", "На главную", "Home page"), Href: "/" + string(g.lang) + "/home"}},
	}
	return &page.Chrome{Title: p.Title}, page.ErrorPage(g.words, p)
}

func (g *gallery) licensor() string {
	return g.say("Қазақстан Республикасының Сауда және интеграция министрлігі", "Министерство торговли и интеграции Республики Казахстан", "Ministry of Trade and Integration of the Republic of Kazakhstan")
}

func (g *gallery) applications() page.Table {
	view := g.say("Қарап шығу", "Просмотр", "View")
	row := func(number, sent, kind string, tag page.Tag) []page.Cell {
		return []page.Cell{{Text: number, Header: true, Href: "#main"}, {Text: "20.11.2026"}, {Text: sent}, {Text: g.licensor()}, {Text: kind}, {Tag: &tag}, {Text: view, Href: "#main", About: number}}
	}
	issue := g.say("Лицензия беру", "Выдача лицензии", "Issue of a licence")
	return page.Table{ID: "applications", Caption: g.say("Өтініштер", "Заявления", "Applications"), CaptionHidden: true, Stack: true,
		Columns: []page.Column{{Text: g.say("Өтініш нөмірі", "Номер заявления", "Application number")}, {Text: g.say("Құрылды", "Создано", "Created")}, {Text: g.say("Жіберілді", "Отправлено", "Sent")},
			{Text: g.say("Лицензиар", "Лицензиар", "Licensor")}, {Text: g.say("Өтініш түрі", "Тип заявления", "Type of application")}, {Text: g.say("Мәртебесі", "Статус", "Status")}, {Text: view, Hidden: true}},
		Rows: [][]page.Cell{
			row("KZ19RFB00000009", "–", issue, page.Tag{Text: g.say("Аяқталмаған нұсқа", "Черновик", "Draft")}),
			row("KZ17RPR00000005", "–", issue, page.Tag{Text: g.say("Қол қойылуда", "Подписывается", "Being signed"), Tone: page.Soon}),
			row("KZ52XXX00210433", "20.11.2026 14:05", issue, page.Tag{Text: g.say("Ағымдағы", "В работе", "In progress"), Tone: page.Active}),
			row("KZ36XXX00210434", "19.11.2026 09:41", issue, page.Tag{Text: g.say("Берілген", "Выдано", "Issued"), Tone: page.Good}),
			row("R11001155", "18.11.2026 16:20", issue, page.Tag{Text: g.say("Қайтарылды", "Возвращено", "Returned"), Tone: page.Bad}),
		}}
}

func (g *gallery) conditions() page.SearchPanel {
	ops := []page.Option{{Value: "eq", Text: g.say("Тең", "Равно", "Equals")}, {Value: "has", Text: g.say("Құрамында бар", "Содержит", "Contains")}}
	return page.SearchPanel{ID: "s", Title: g.say("Іздеу", "Поиск", "Search"), Action: "/" + string(g.lang) + "/cabinet", Reset: "/" + string(g.lang) + "/cabinet",
		Rows: []page.SearchRow{
			{Label: g.say("Өтініштің бірегей нөмірі", "Уникальный номер заявления", "Unique number of the application"), Name: "number", OpName: "number-op", Ops: ops},
			{Label: g.say("Берілген күні", "Дата подачи", "Date of submission"), Name: "date", OpName: "date-op", Ops: ops, Hint: g.say("Мысалы, 22.11.2026", "Например, 22.11.2026", "For example, 22.11.2026"), Error: g.say("Күнді 22.11.2026 түрінде жазыңыз", "Укажите дату в виде 22.11.2026", "Enter the date as 22.11.2026"), Value: "35.11.2026"},
			{Label: g.say("Лицензиар", "Лицензиар", "Licensor"), Name: "body", OpName: "body-op", Ops: ops[:1], Options: []page.Option{{Value: "1", Text: g.licensor()}}},
		}}
}

func (g *gallery) work() page.Table {
	t := page.Table{ID: "queue", Caption: g.say("Мерзімі бойынша өтініштер", "Заявления по сроку", "Applications by time left"),
		Columns: []page.Column{{Text: g.say("Нөмірі", "Номер", "Number")}, {Text: g.say("Өтініш беруші", "Заявитель", "Applicant")}, {Text: g.say("Қызмет", "Услуга", "Service")},
			{Text: g.say("Түскен күні", "Поступило", "Received"), Href: "#main", Sort: "descending"}, {Text: g.say("Сомасы, ₸", "Сумма, ₸", "Sum, ₸"), Numeric: true}, {Text: g.say("Қалған мерзім", "Осталось", "Time left")}}}
	for _, left := range []page.Tag{
		{Text: g.say("Мерзімі 1 күнге өтті", "Просрочено на 1 день", "Overdue by 1 day"), Tone: page.Bad},
		{Text: g.say("Бүгін 18:00-ге дейін", "Сегодня до 18:00", "Today until 18:00"), Tone: page.Soon},
		{Text: g.say("3 жұмыс күні", "3 рабочих дня", "3 working days"), Tone: page.Good},
		{Text: g.say("Тоқтатыла тұрды", "Приостановлено", "Paused")},
	} {
		t.Rows = append(t.Rows, []page.Cell{{Text: "KZ52XXX00210433", Href: "#main", Header: true}, {Text: g.say("«Алатау Импорт» ЖШС", "ТОО «Алатау Импорт»", "Alatau Import LLP")},
			{Text: g.say("Тауарлардың жекелеген түрлерінің импортына лицензия беру", "Выдача лицензии на импорт отдельных видов товаров", "Licence to import certain kinds of goods")}, {Text: "20.11.2026 14:05"}, {Text: "43 250,00"}, {Tag: &left}})
	}
	return t
}

func (g *gallery) answers() []page.Row {
	change := []page.Link{{Text: g.words.Change, Href: "#main"}}
	return []page.Row{
		{Name: g.say("Өтініш беруші", "Заявитель", "Applicant"), Value: g.say("«Алатау Импорт» ЖШС", "ТОО «Алатау Импорт»", "Alatau Import LLP"), Source: g.say("ЗТ МДБ, 22.11.2026 14:05", "ГБД ЮЛ, 22.11.2026 14:05", "State database of legal entities, 22.11.2026 14:05")},
		{Name: g.say("Қала", "Город", "City"), Value: g.say("Алматы қ.", "г. Алматы", "Almaty"), Actions: change},
		{Name: g.say("Келісімшарт нөмірі мен күні", "Номер и дата контракта", "Contract number and date"), Value: "AI-2026/117, 03.11.2026", Actions: change},
		{Name: g.say("Тауар коды", "Код товара", "Goods code"), Value: "0201 – " + goods[0][1], Lang: "ru", Actions: change},
		{Name: g.say("Қосымша ақпарат", "Дополнительная информация", "Additional information"), Value: "Schiedsgerichtsvereinbarungsunterzeichnungsbevollmächtigtenverzeichnis", Lang: "de", Actions: change},
	}
}

func (g *gallery) events() []page.Event {
	return []page.Event{
		{When: "22.11.2026 14:05", Title: g.say("Рұқсат берілді", "Разрешение выдано", "Permit issued"), Who: g.licensor(), Tone: page.Good, Links: []page.Link{{Text: g.say("Құжатты жүктеу", "Скачать документ", "Download document"), Href: "#main"}}},
		{When: "21.11.2026 10:12", Title: g.say("Мемлекеттік орган тіркеді", "Зарегистрировано госорганом", "Registered by the state body"), Tone: page.Active, Text: g.say("Қарау мерзімі: 23.11.2026 18:00", "Срок рассмотрения: 23.11.2026 18:00", "To be decided by 23.11.2026 18:00")},
		{When: "20.11.2026 14:05", Title: g.say("Қол қойылып, жіберілді", "Подписано и отправлено", "Signed and sent")},
	}
}
