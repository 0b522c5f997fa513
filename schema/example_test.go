package schema_test

import (
	"encoding/json"
	"fmt"

	"github.com/otelactivity/activitylog/schema"
)

// A validator gets both texts by their ids.
func Example() {
	for id, text := range map[string]string{schema.RowID: schema.Row(), schema.ExportID: schema.Export()} {
		var head struct {
			ID string `json:"$id"`
		}
		if err := json.Unmarshal([]byte(text), &head); err != nil || head.ID != id {
			fmt.Println(id, head.ID, err)
		}
	}
	fmt.Println(schema.RowID)
	// Output: https://github.com/otelactivity/activitylog/schema/row.schema.json
}
