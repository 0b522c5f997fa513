package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/dashboards/internal/board"
	"github.com/otelactivity/activitylog/dashboards/internal/dialect"
)

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := board.Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestUnchanged compares what is generated with what is committed, both ways.
func TestUnchanged(t *testing.T) {
	files := generated(t)
	for name, content := range files {
		committed, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(committed, content) {
			t.Errorf("%s is not what is generated: cd dashboards && go run ./generate", name)
		}
	}
	err := filepath.WalkDir("..", func(file string, _ fs.DirEntry, err error) error {
		name := strings.TrimPrefix(file, "../")
		if extension := filepath.Ext(name); (extension == ".json" || extension == ".yaml") && files[name] == nil {
			t.Errorf("%s is not generated", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDashboards reads them back, refusing what the SDK or we do not know.
func TestDashboards(t *testing.T) {
	dialect.Register()
	uids := map[string]string{}
	for name, content := range generated(t) {
		if filepath.Ext(name) != ".json" || strings.HasPrefix(name, "provisioning/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := dashboard.Dashboard{}
			if err := d.UnmarshalJSONStrict(content); err != nil {
				t.Fatalf("read strictly: %v", err)
			}
			if err := d.Validate(); err != nil {
				t.Error(err)
			}
			if other := uids[*d.Uid]; other != "" || len(*d.Uid) > 40 {
				t.Errorf("uid %s is that of %q too, or longer than Grafana's 40", *d.Uid, other)
			}
			uids[*d.Uid] = name
			panels(t, d)
		})
	}
	if len(uids) != 21 {
		t.Errorf("%d dashboards, want 5 for each of 4 databases and that of the collector", len(uids))
	}
	links(t, uids)
}

// panels looks at each panel, and where it is.
func panels(t *testing.T, d dashboard.Dashboard) {
	t.Helper()
	ids, cells := map[uint32]bool{}, map[[2]uint32]string{}
	for _, entry := range d.Panels {
		p := entry.Panel
		if p == nil {
			t.Fatal("a row where panels should be")
		}
		if p.Title == nil || p.Description == nil || *p.Title == "" || !strings.HasSuffix(*p.Description, ".") {
			t.Errorf("panel %v: has no title, or no sentence that describes it", p.Title)
		}
		if p.FieldConfig == nil || p.FieldConfig.Defaults.Unit == nil || *p.FieldConfig.Defaults.Unit == "" {
			t.Errorf("panel %s has no unit", *p.Title)
		}
		if p.Id == nil || *p.Id == 0 || ids[*p.Id] {
			t.Fatalf("panel %s: has no id, or that of another", *p.Title)
		}
		ids[*p.Id] = true
		g := p.GridPos
		if g.W == 0 || g.H == 0 || g.X+g.W > 24 {
			t.Errorf("panel %s is not on the grid: %+v", *p.Title, *g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := cells[[2]uint32{x, y}]; other != "" {
					t.Fatalf("panels %s and %s overlap", *p.Title, other)
				}
				cells[[2]uint32{x, y}] = *p.Title
			}
		}
		if len(p.Targets) == 0 || p.Datasource == nil || *p.Datasource.Uid != "${datasource}" {
			t.Errorf("panel %s asks nobody", *p.Title)
		}
	}
}

// links looks whether links between dashboards lead somewhere.
func links(t *testing.T, uids map[string]string) {
	t.Helper()
	found := 0
	for name, content := range generated(t) {
		for _, part := range strings.Split(string(content), "/d/")[1:] {
			uid, rest, _ := strings.Cut(part, "?")
			variable, _, _ := strings.Cut(strings.TrimPrefix(rest, "var-"), "=")
			target := generated(t)[uids[uid]]
			if target == nil || !bytes.Contains(target, []byte(`"name": "`+variable+`"`)) {
				t.Errorf("%s links to %s with the variable %s, which there is not", name, uid, variable)
			}
			found++
		}
	}
	if found == 0 {
		t.Error("there are no links")
	}
}

// TestStrict sees that what should be refused is.
func TestStrict(t *testing.T) {
	dialect.Register()
	good := generated(t)["postgres/overview.json"]
	for _, change := range [][2]string{
		{`"gridPos": {`, `"gridPos": {"z": 1,`}, {`"rawSql":`, `"rawSQLL":`}, {`"refId": "A"`, `"refId": 1`}, {`"title":`, `"titel":`},
	} {
		bad := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		if err := new(dashboard.Dashboard).UnmarshalJSONStrict(bad); err == nil || bytes.Equal(bad, good) {
			t.Errorf("%s in the place of %s is not refused", change[1], change[0])
		}
	}
}

// TestProvisioning looks at what names something in another file.
func TestProvisioning(t *testing.T) {
	type file struct {
		Datasources []struct{ UID, Type string }
		Groups      []struct {
			Rules []struct {
				UID  string
				Data []struct {
					DatasourceUID string `yaml:"datasourceUid"`
					Model         struct{ Datasource struct{ Type, UID string } }
				}
			}
		}
	}
	files := generated(t)
	for _, d := range dialect.All {
		known := map[string]string{"__expr__": "__expr__"}
		var sources, rules file
		read := func(kind string, into *file) {
			if err := yaml.Unmarshal(files["provisioning/"+d.Name+"/"+kind+"/activitylog.yaml"], into); err != nil {
				t.Fatal(err)
			}
		}
		read("datasources", &sources)
		read("alerting", &rules)
		for _, s := range sources.Datasources {
			known[s.UID] = s.Type
		}
		if len(known) != 3 || known["activitylog-"+d.Name] != d.Plugin {
			t.Errorf("%s: data sources %v", d.Name, known)
		}
		uids := map[string]bool{}
		for _, rule := range rules.Groups[0].Rules {
			uids[rule.UID] = len(rule.UID) <= 40
			for _, q := range rule.Data {
				if known[q.DatasourceUID] == "" || known[q.DatasourceUID] != q.Model.Datasource.Type || q.DatasourceUID != q.Model.Datasource.UID {
					t.Errorf("%s asks %s, of the type %s", rule.UID, q.DatasourceUID, q.Model.Datasource.Type)
				}
			}
		}
		if len(uids) != 6 {
			t.Errorf("%s has alerts %v", d.Name, uids)
		}
		if !json.Valid(files["provisioning/"+d.Name+"/jaeger-ui.json"]) {
			t.Errorf("%s has no configuration of Jaeger", d.Name)
		}
	}
}
