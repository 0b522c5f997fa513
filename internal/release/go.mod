// How a release is made, and the tests that use one as strangers would. It is a module of
// its own so that its dependencies reach neither services nor collectors.
module github.com/otelactivity/activitylog/internal/release

go 1.26.0

require (
	github.com/otelactivity/activitylog v0.0.0
	go.yaml.in/yaml/v3 v3.0.6
	golang.org/x/mod v0.43.0
)

replace github.com/otelactivity/activitylog => ../../
