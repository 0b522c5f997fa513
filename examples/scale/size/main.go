// Command size says what a number of activities a second needs: cores, machines, disks, and what
// they cost. It multiplies what costs.tsv says of one record, and adds nothing of its own.
//
//	go run ./scale/size -rate 10000 -days 90
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	var p plan
	flag.Float64Var(&p.rate, "rate", 1000, "activities a second, on average over a day")
	flag.Float64Var(&p.peak, "peak", 3, "how many times as many there are at the busiest time")
	flag.Float64Var(&p.days, "days", 90, "days for which rows are kept")
	flag.DurationVar(&p.outage, "outage", 4*time.Hour, "how long the database may be away at the busiest time")
	flag.Float64Var(&p.busy, "busy", 0.5, "how much of a core may be in use at the busiest time")
	flag.Float64Var(&p.cores, "cores", 4, "cores of a collector's machine")
	flag.Float64Var(&p.coreMonth, "core-month", 25, "price of a core for a month")
	flag.Float64Var(&p.gbMonth, "gb-month", 0.1, "price of a GB of disk for a month")
	flag.Parse()
	all, err := readCosts()
	if err == nil {
		err = p.check()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(2)
	}
	fmt.Print(p.needs(all).String())
}
