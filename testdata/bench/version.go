package main

import (
	"runtime/debug"
	"slices"
)

// moduleVersion names a module that is built in, with its version.
func moduleVersion(path, name string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == path {
				return name + " " + dep.Version
			}
		}
	}
	return name
}

// beside notes a product that co2 is measured beside.
func (b *bench) beside(product string) {
	if !slices.Contains(b.versions, product) {
		b.versions = append(b.versions, product)
	}
}
