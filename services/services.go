// Package services embeds the definitions of licence services: reviewed text, no code.
package services

import "embed"

// Files are the folders of the services with catalogue.yaml and common.yaml.
//
//go:embed *.yaml */*
var Files embed.FS
