package board

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// Table is the default name of the table.
const Table = "activity_log"

// UID is the uid of a dashboard, which links use.
func UID(database, name string) string { return "activitylog-" + database + "-" + name }

func source(plugin, variable string) common.DataSourceRef {
	uid := "${" + variable + "}"
	return common.DataSourceRef{Type: &plugin, Uid: &uid}
}

func number(n int) string { return strconv.Itoa(n) }
