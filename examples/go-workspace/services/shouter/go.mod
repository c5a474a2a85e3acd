module example.com/monorepo/shouter

go 1.26.0

require (
	example.com/monorepo/wording v0.0.0
	github.com/spf13/pflag v1.0.10
)

require golang.org/x/text v0.43.0 // indirect

replace example.com/monorepo/wording => ../../libs/wording
