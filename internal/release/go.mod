// How a release is made, and the tests that use one as strangers would. It is a module of
// its own so that its dependencies reach neither services nor collectors.
module github.com/otelactivity/activitylog/internal/release

go 1.26.0

require (
	github.com/otelactivity/activitylog v0.0.0
	go.yaml.in/yaml/v3 v3.0.6
	golang.org/x/exp v0.0.0-20260824195058-e88cd73687aa
	golang.org/x/mod v0.43.0
	golang.org/x/tools v0.52.0
)

require golang.org/x/sync v0.24.0 // indirect

replace github.com/otelactivity/activitylog => ../../
