package webtest_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// hostile are values that somebody may write to do harm to whoever reads them.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</textarea></title></style></svg><script>alert(1)</script>`,
	`javascript:alert(1)`, `data:text/html,<script>alert(1)</script>`, `{{.}}{{"<b>"}}`, `<!--`, `]]>`, `&lt;script&gt;alert(1)&lt;/script&gt;`,
	"a\u202egpj.exe", "a\x00b", "\u2066<b>\u2069", "\x1b[31mred", "😀𝔘<i>", `<a href="//evil.example">x</a>`, `../../evil?x=1#y`, `//evil.example/`,
	`<meta http-equiv=refresh content=0;url=//evil.example>`, `<base href=//evil.example>`, `<iframe src=//evil.example>`, `<form action=//evil.example><input name=x>`,
	"a\nb\r\nSet-Cookie: x=1", `\u003cscript\u003e`, `+ADw-script+AD4-alert(1)`, `%3Cscript%3E`, strings.Repeat("<b>😀", 100_000/7), "a\u2028b",
}

// set sets all columns of text to a value.
func set(r *reader.Row, value string) {
	for _, place := range []*string{&r.ActorID, &r.ActorName, &r.ImpersonatorID, &r.TenantID, &r.ActionName, &r.ErrorType, &r.ObjectType, &r.ObjectID,
		&r.ObjectName, &r.Remarks, &r.ClientAddress, &r.UserAgent, &r.SessionID, &r.ServiceName, &r.TraceID, &r.SpanID,
		(*string)(&r.ActorType), (*string)(&r.ActionType), (*string)(&r.Status), (*string)(&r.Source)} {
		*place = value
	}
	text, _ := json.Marshal(value)
	member := string(text)
	r.Data = json.RawMessage(`{` + member + `:` + member + `,"claimed":` + member + `,"changes":{` + member + `:[` + member + `,null],"b":[[` + member + `],{` + member + `:1}],"c":["x",` + member + `]},` +
		`"parent":{"type":` + member + `,"id":` + member + `},"objects":[{"type":` + member + `,"id":` + member + `,"name":` + member + `}]}`)
}

// No value in any column runs a script, adds an element, or leads elsewhere.
func TestHostile(t *testing.T) {
	db := sqlite(t)
	now := time.Now()
	var rows []reader.Row
	for i, value := range hostile {
		r := row(now.Add(-time.Duration(i) * time.Minute))
		set(&r, value)
		rows = append(rows, r)
	}
	login := row(now.Add(-time.Hour))
	set(&login, hostile[0])
	login.ActionType = activity.ActionLoginFailed
	rows = append(rows, login)
	db.write(t, rows...)
	root := serve(t, db.reader(t))
	b := browse(t, root)
	ran := 0
	chromedp.ListenTarget(b.ctx, func(event any) {
		switch e := event.(type) {
		case *cdppage.EventJavascriptDialogOpening:
			ran++
		case *runtime.EventExceptionThrown:
			t.Errorf("an exception: %v", e.ExceptionDetails)
		}
	})
	pages := []string{"?limit=100", "?order=oldest&limit=100", "failed-logins", "counts"}
	for i, value := range hostile {
		pages = append(pages, "activities/"+rows[i].EventID.String())
		if len(value) <= 2000 && !strings.Contains(value, "\x00") {
			v := url.QueryEscape(value)
			pages = append(pages, "?actor_id="+v, "?text="+v+"&object_id="+v, "actor?actor_id="+v, "object?object_type="+v+"&object_id="+v, "?status="+v, "?"+v+"="+v, "?cursor="+v,
				"counts?actor_id="+v+"&last=7d", "?data="+url.QueryEscape("a="+value))
		}
	}
	for _, path := range pages {
		b.open(path)
		b.harmless(path, root)
	}
	if ran > 0 {
		t.Errorf("%d scripts ran", ran)
	}
	for _, path := range []string{"?actor_id=%00", "activities/<script>", "%3Cscript%3Ealert(1)%3C/script%3E", "//evil.example", "?x=%22%3E"} {
		if got := get(t, root+path); strings.Contains(string(got.body), "<script") {
			t.Errorf("%s is answered with a script", path)
		}
	}
}

// known are all elements that the templates have.
const known = `html head meta title link body a header p svg path nav main footer h1 h2 form input div label select option datalist button details summary
	ul li span bdi table caption thead tbody tr th td time small em del ins section ol dl dt dd pre figure figcaption strong rect g`

// harmless looks for what is not of the templates.
func (b browser) harmless(path, root string) {
	b.t.Helper()
	strange := eval[[]string](b, `(() => {
		const known = new Set(`+"`"+known+"`"+`.split(/\s+/));
		const found = [];
		for (const e of document.querySelectorAll('*')) {
			if (!known.has(e.localName)) found.push('element ' + e.outerHTML.slice(0, 100));
			for (const a of e.attributes) if (a.name.startsWith('on') || a.name === 'style' || a.name === 'src') found.push('attribute ' + a.name + ' of ' + e.outerHTML.slice(0, 100));
			if (e.localName === 'a' && !e.href.startsWith("`+root+`")) found.push('link to ' + e.href);
			if (e.localName === 'form' && !e.action.startsWith("`+root+`")) found.push('form to ' + e.action);
		}
		if (document.querySelectorAll('head').length !== 1 || document.querySelectorAll('main').length !== 1 || document.querySelectorAll('h1').length !== 1) found.push('structure');
		return found;
	})()`)
	for _, s := range strange {
		b.t.Errorf("%.200s: %s", path, s)
	}
	text := eval[string](b, `document.body.innerText + document.title`)
	for _, r := range "\u202e\u2066\u2069\x00\x1b\u2028" {
		if strings.ContainsRune(text, r) {
			b.t.Errorf("%.200s shows U+%04X as it is", path, r)
		}
	}
}

// Data that is no JSON is shown as the text that it is. Only SQLite has such rows.
func TestBrokenData(t *testing.T) {
	db := sqlite(t)
	r := row(time.Now())
	r.ActorID = "42"
	db.write(t, r)
	if _, err := db.writer.ExecContext(t.Context(), "PRAGMA ignore_check_constraints=ON"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.writer.ExecContext(t.Context(), `UPDATE activity_log SET data = '{"a": <b>'`); err != nil {
		t.Fatal(err)
	}
	root := serve(t, db.reader(t))
	var got struct{ Activities []struct{ Data string } }
	if err := json.Unmarshal(get(t, root+"api/v1/activities").body, &got); err != nil || got.Activities[0].Data != `{"a": <b>` {
		t.Errorf("got %v, %v", got, err)
	}
	if got := string(get(t, root+"activities/"+r.EventID.String()).body); !strings.Contains(got, `{&#34;a&#34;: &lt;b&gt;`) {
		t.Errorf("the page does not show the text: %s", got)
	}
	if a := get(t, root); a.StatusCode != 200 {
		t.Errorf("the list: got %d", a.StatusCode)
	}
}
