module github.com/otelactivity/activitylog/reader

go 1.25.0

require github.com/otelactivity/activitylog v0.0.0

replace github.com/otelactivity/activitylog => ../
