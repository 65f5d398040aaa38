package main

import (
	"maps"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/lang"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// goods are a few headings for the search select.
var goods = [][2]string{
	{"0201", "Мясо крупного рогатого скота, свежее или охлажденное"},
	{"0202", "Мясо крупного рогатого скота, замороженное"},
	{"0203", "Свинина свежая, охлажденная или замороженная"},
	{"2901", "Углеводороды ациклические"},
	{"3808", "Инсектициды, родентициды, фунгициды, гербициды, противовсходовые средства и регуляторы роста растений"},
}

func (g *gallery) pages() map[string]shown {
	all := map[string]shown{}
	maps.Copy(all, map[string]shown{
		"home": g.home, "form": g.form, "form-errors": g.formErrors, "form-found": g.formFound,
		"cabinet": g.cabinet, "empty": g.empty, "queue": g.queue, "check": g.check, "sign": g.sign,
		"done": g.done, "problem": g.problem,
	})
	return all
}

// fill completes the chrome with what every page has.
func (g *gallery) fill(c *page.Chrome, name string) {
	home := "/" + string(g.lang) + "/"
	c.Lang, c.Words = g.lang, g.words
	c.Files = page.Files{Style: g.set.Href(assets.Style), Sprite: g.set.Href(assets.Sprite), Icon: g.set.Href(assets.Favicon), Scripts: c.Files.Scripts}
	c.System = g.say("Е-лицензиялау", "Е-лицензирование", "E-licensing")
	c.Owner = g.say("Мемлекеттік деректер базасы", "Государственная база данных", "State database of the Republic of Kazakhstan")
	c.Home = home + "home"
	for _, l := range []page.LanguageLink{
		{Lang: lang.KK, Name: "Қазақша", Short: "Қаз"}, {Lang: lang.RU, Name: "Русский", Short: "Рус"}, {Lang: lang.EN, Name: "English", Short: "Eng"},
	} {
		l.Href, l.Current = "/"+string(l.Lang)+"/"+name, l.Lang == g.lang
		c.Languages = append(c.Languages, l)
	}
	c.Nav = []page.NavLink{
		{Text: g.say("Қызметтер", "Услуги", "Services"), Href: home + "home", Current: name == "home"},
		{Text: g.say("Менің өтініштерім", "Мои заявления", "My applications"), Href: home + "cabinet", Current: name == "cabinet"},
		{Text: g.say("Рұқсат беру құжаттарым", "Мои разрешения", "My permits"), Href: home + "empty", Current: name == "empty"},
		{Text: g.say("Құжаттарым", "Мои документы", "My documents"), Href: home + "sign"},
		{Text: g.say("Рұқсатты тексеру", "Проверить разрешение", "Check a permit"), Href: home + "queue"},
	}
	c.Search = &page.Search{Action: home + "home", Name: "q", Label: g.say("Қызметті іздеу", "Поиск услуги", "Search for a service"), Button: g.words.Find}
	if name == "home" || name == "problem" {
		c.LogIn = &page.Link{Text: g.say("Кіру", "Войти", "Log in"), Href: home + "sign"}
	} else {
		c.Account = &page.Account{Name: g.say("«Алатау Импорт» ЖШС", "ТОО «Алатау Импорт»", "Alatau Import LLP"), LogOut: "/log-out", CSRF: "t0ken",
			Links: []page.Link{{Text: g.say("Жеке кабинет", "Личный кабинет", "Personal cabinet"), Href: home + "cabinet"}, {Text: g.say("Профиль", "Профиль", "Profile"), Href: home + "form"}}}
		c.Session = &page.Session{Text: g.say("Сеансыңыз 14:35-те аяқталады.", "Сеанс завершится в 14:35.", "Your session ends at 14:35."), Seconds: 1800, Warn: 300, Extend: "/stay", LogIn: home + "sign", CSRF: "t0ken"}
		c.Files.Scripts = append(c.Files.Scripts, g.set.Href(assets.Session))
	}
	c.Demo = g.say("ДЕМО: адамдар мен құжаттардың бәрі ойдан шығарылған", "ДЕМО: все люди и документы вымышлены", "DEMO: all people and documents are made up")
	c.Footer = g.footer()
}

func (g *gallery) footer() []page.FooterGroup {
	return []page.FooterGroup{
		{Title: g.say("Көмек", "Помощь", "Help"), Lines: []page.Link{
			{Text: g.say("Байланыс орталығы 1414", "Контакт-центр 1414", "Contact centre 1414"), Href: "tel:1414"},
			{Text: "8-800-080-7777", Href: "tel:88000807777"},
			{Text: g.say("тәулік бойы, тегін", "круглосуточно, бесплатно", "round the clock, free of charge")},
			{Text: g.say("Пайдаланушы нұсқаулықтары", "Руководства пользователя", "User guides"), Href: "#main"}}},
		{Title: g.say("Электрондық үкімет", "Электронное правительство", "Electronic government"), Lines: []page.Link{
			{Text: g.say("ЭЦҚ алу (ҰКО)", "Получить ЭЦП (НУЦ)", "Get a digital signature (NCA)"), Href: "https://pki.gov.kz/"},
			{Text: "egov.kz", Href: "https://egov.kz/"}, {Text: g.say("Төлем шлюзі", "Платёжный шлюз", "Payment gateway"), Href: "https://epay.gov.kz/"}}},
		{Title: g.say("Заңнама", "Законодательство", "Law"), Lines: []page.Link{
			{Text: g.say("«Рұқсаттар және хабарламалар туралы» Заң", "Закон «О разрешениях и уведомлениях»", "Law on permits and notifications"), Href: "https://adilet.zan.kz/kaz/docs/Z1400000202"}}},
	}
}

func (g *gallery) crumbs(here string) []page.Link {
	return []page.Link{{Text: g.say("Басты бет", "Главная", "Home"), Href: "/" + string(g.lang) + "/home"},
		{Text: g.say("Тауарлардың экспорты мен импорты", "Экспорт и импорт товаров", "Export and import of goods"), Href: "/" + string(g.lang) + "/home"}, {Text: here}}
}

func (g *gallery) home(*http.Request) (*page.Chrome, templ.Component) {
	title := g.say("Лицензиялар мен рұқсаттар", "Лицензии и разрешения", "Licences and permits")
	return &page.Chrome{Title: title, Messages: []page.Banner{{Kind: page.Info, Text: g.say("28 қарашада 22:00-ден 23:00-ге дейін жоспарлы жұмыстар жүреді. Жазғаныңыз сақталады.", "28 ноября с 22:00 до 23:00 пройдут плановые работы. Введённое сохранится.", "Planned work on 28 November from 22:00 to 23:00. What you have typed will be kept.")}}}, homeBody(g, title)
}

func (g *gallery) spheres() page.Cards {
	c := page.Cards{Label: g.say("Салалар", "Сферы", "Spheres"), Sprite: g.set.Href(assets.Sprite)}
	for _, s := range [][4]string{
		{"security", "Қауіпсіздік", "Безопасность", "Security"}, {"education", "Білім беру", "Образование", "Education"},
		{"monopolies", "Табиғи монополиялар", "Естественные монополии", "Natural monopolies"}, {"services", "Қызмет көрсету", "Услуги", "Services"},
		{"competition", "Бәсекелестікті қорғау", "Защита конкуренции", "Competition protection"}, {"environment", "Қоршаған орта", "Окружающая среда", "Environment"},
		{"health", "Денсаулық сақтау", "Здравоохранение", "Health"}, {"industry", "Өнеркәсіп және технологиялар", "Промышленность и технологии", "Industry and technologies"},
		{"land", "Жер қатынастары", "Земельные отношения", "Land relations"}, {"agriculture", "Ауыл шаруашылығы", "Сельское хозяйство", "Agriculture"},
		{"trade", "Тауарлардың экспорты мен импорты", "Экспорт и импорт товаров", "Export and import of goods"}, {"construction", "Құрылыс", "Строительство", "Construction"},
		{"culture", "Мәдениет және байланыс", "Культура и связь", "Culture and communications"}, {"transport", "Көлік", "Транспорт", "Transport"},
		{"subsoil", "Жер қойнауын пайдалану", "Недропользование", "Subsoil use"}, {"finance", "Қаржы", "Финансы", "Finance"},
	} {
		c.Cards = append(c.Cards, page.Card{Icon: s[0], Text: g.say(s[1], s[2], s[3]), Href: "#main", Note: g.say("12 қызмет", "12 услуг", "12 services")})
	}
	return c
}

func (g *gallery) stepName() string {
	return g.say("Жеке деректеріңіз", "Ваши данные", "Your details")
}

func (g *gallery) wizard() page.Progress {
	return page.Progress{Position: g.say("6 қадамның 2-сі", "Шаг 2 из 6", "Step 2 of 6"), Steps: []page.Step{
		{Name: g.say("Қызмет", "Услуга", "Service"), Href: "#main", State: page.StepDone, Word: g.say("орындалды", "готово", "completed")},
		{Name: g.stepName(), State: page.StepCurrent, Word: g.say("осы қадам", "текущий шаг", "this step")},
		{Name: g.say("Келісімшарт және тауар", "Контракт и товар", "Contract and goods"), State: page.StepProblem, Href: "#main", Word: g.say("түзету керек", "есть ошибка", "there is a problem")},
		{Name: g.say("Құжаттар", "Документы", "Documents"), State: page.StepTodo, Word: g.say("басталмаған", "не начат", "not started")},
		{Name: g.say("Төлем", "Оплата", "Payment"), State: page.StepLocked, Word: g.say("әзірге ашылмайды", "пока недоступен", "cannot start yet")},
		{Name: g.say("Қол қою", "Подписание", "Signing"), State: page.StepLocked, Word: g.say("әзірге ашылмайды", "пока недоступен", "cannot start yet")},
	}}
}

func (g *gallery) scripts(names ...string) page.Files {
	var f page.Files
	for _, n := range names {
		f.Scripts = append(f.Scripts, g.set.Href(n))
	}
	return f
}

func (g *gallery) form(*http.Request) (*page.Chrome, templ.Component) {
	return &page.Chrome{Title: g.stepName(), Files: g.scripts(assets.Autosave, assets.Combobox), Breadcrumbs: g.crumbs(g.stepName())}, formBody(g, nil, page.SearchField{Code: "0201", ChosenAs: goods[0][1], ChosenIn: lang.RU})
}

func (g *gallery) formErrors(*http.Request) (*page.Chrome, templ.Component) {
	es := page.Errors{
		{Path: "street", Text: g.say("Көшені жазыңыз", "Укажите улицу", "Enter the street")},
		{Path: "small", Text: g.say("Шағын кәсіпкерлік субъектісі ме, көрсетіңіз", "Укажите, субъект ли это малого бизнеса", "Say whether this is a small business")},
		{Path: "contract-date", Text: g.say("Келісімшарт күнін 22.11.2026 түрінде жазыңыз", "Укажите дату контракта в виде 22.11.2026", "Enter the date of the contract as 22.11.2026")},
		{Path: "goods", Text: g.say("Тауар кодын таңдаңыз", "Выберите код товара", "Choose the goods code"), ID: page.FieldID("goods")},
		{Text: g.say("Бұл тоқсанға бөлінген квота таусылды", "Квота на этот квартал исчерпана", "The quota for this quarter is used up")},
	}
	return &page.Chrome{Title: g.say("Жеке деректеріңіз: түзету", "Ваши данные: исправление", "Your details: correction"), Failed: true, Files: g.scripts(assets.Autosave, assets.Combobox), Breadcrumbs: g.crumbs(g.stepName())}, formBody(g, es, page.SearchField{})
}

func (g *gallery) formFound(*http.Request) (*page.Chrome, templ.Component) {
	s := page.SearchField{Message: g.say("3 код табылды", "Найдено 3 кода", "3 codes found")}
	s.Value = "02"
	for _, e := range goods[:3] {
		s.Results = append(s.Results, page.Option{Value: e[0], Text: e[1], Lang: lang.RU, Hint: e[0]})
	}
	return &page.Chrome{Title: g.say("Жеке деректеріңіз: іздеу", "Ваши данные: поиск", "Your details: search"), Files: g.scripts(assets.Autosave, assets.Combobox), Breadcrumbs: g.crumbs(g.stepName())}, formBody(g, nil, s)
}

// goodsField is the search select, in the state that a page shows.
func (g *gallery) goodsField(s page.SearchField, es page.Errors) page.SearchField {
	value := s.Value
	s.Field = page.Field{Name: "goods", Label: g.say("Тауардың СЭҚ ТН коды", "Код товара ТН ВЭД", "Goods code (EAEU nomenclature)"), Required: true, Value: value,
		Hint: g.say("Код немесе сөз, мысалы, 0201 10 немесе ет", "Код или слово, например 0201 10 или мясо", "A code or a word, for example 0201 10"), Error: es.For("goods")}
	s.Lookup = "/lookup"
	s.Following = []page.Link{{Text: g.say("Бөлімдер бойынша қарау", "Посмотреть по разделам", "Browse by section"), Href: "#main"}}
	return s
}
