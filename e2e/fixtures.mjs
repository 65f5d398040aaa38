// The control: pages with a fault each. A run in which one of them goes unnoticed fails, because then the checks that
// passed prove nothing.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; require-trusted-types-for 'script'";

const html = ({ head = '', body, lang = 'en', title = 'Control' }) =>
  `<!DOCTYPE html><html lang="${lang}"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width">${head}</head><body>${body}</body></html>`;
const good = '<a class="skip" href="#main">Skip</a><main id="main"><h1>Control</h1><p>Enough words to be a page of its own.</p>';

export const control = [
  { fault: 'axe', html: html({ body: good + '<img src="/x.svg"></main>' }) },
  { fault: 'unique-id', html: html({ body: good + '<p id="a">a</p><p id="a">b</p></main>' }) },
  { fault: 'idref', html: html({ body: good + '<p><a href="#nowhere">go</a></p></main>' }) },
  { fault: 'one-h1', html: html({ body: good + '<h1>Second</h1></main>' }) },
  { fault: 'lang', html: html({ lang: 'ru', body: good + '</main>' }) },
  { fault: 'csp', html: html({ head: '<script>document.title = "x"</script>', body: good + '</main>' }) },
  { fault: 'inline', html: html({ body: good + '<p style="margin:0">x</p></main>' }) },
  { fault: 'overflow', html: html({ body: good + '<table><tr><td>' + 'w'.repeat(400) + '</td></tr></table></main>' }) },
  { fault: 'spill', html: html({ body: good + '<ul><li>' + 'w'.repeat(200) + '</li></ul></main>' }) },
  { fault: 'forced-colors', extra: true, html: html({ body: good + '<p class="banner">x</p></main>' }) },
  { fault: 'print', extra: true, html: html({ body: good + '<p class="buttons"><a href="/">Go</a></p></main>' }) },
  { fault: 'error-title', errors: true, html: html({ body: good + '</main>' }) },
  { fault: 'error-focus', errors: true, html: html({ title: 'Error: Control', body: good + '<div class="error-summary" tabindex="-1">x</div></main>' }) },
  { fault: 'locale', html: html({ body: good + '<p>⟦page.lost⟧</p></main>' }) },
  { fault: 'skip-link', html: html({ body: '<main id="main"><h1>Control</h1><p><a href="/">Home</a> and more words</p></main>' }) },
  { fault: 'target', html: html({ body: good + '<button class="button">x</button></main>' }) },
  { fault: 'request', html: html({ head: '<link rel="stylesheet" href="/gone.css">', body: good + '</main>' }) },
  { fault: 'title-unique', html: html({ body: good + '</main>' }), twice: true },
  { fault: 'plain-content', html: html({ body: '<main id="main"></main>' }) },
  { fault: 'plain-form', html: html({ body: good + '<form action="/x"><label>n <input name="n"></label></form></main>' }) },
  { fault: 'plain-button', html: html({ body: good + '<button type="button">Press</button></main>' }) },
  { fault: 'status', status: 500, html: html({ body: good + '</main>' }) },
];

// serve answers for a made-up origin, so that the control needs no server.
export async function serve(context, fixture) {
  await context.unrouteAll();
  await context.route('http://control.test/**', (route) => {
    const page = new URL(route.request().url()).pathname === '/';
    return route.fulfill(page
      ? { status: fixture.status ?? 200, contentType: 'text/html; charset=utf-8', headers: { 'Content-Security-Policy': policy }, body: fixture.html }
      : { status: 404, body: '' });
  });
}
