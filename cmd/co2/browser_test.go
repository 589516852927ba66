package main_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// needBrowser returns Chromium. It may be missing on a person's machine,
// never in CI.
func needBrowser(t *testing.T) string {
	t.Helper()
	var err error
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, no := exec.LookPath(name)
		if no == nil {
			return path
		}
		err = errors.Join(err, no)
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("a browser is needed in CI: %v", err)
	}
	t.Skipf("no browser here, .ci/install-tools has one: %v", err)
	return ""
}

// startBrowser starts Chromium without a window, with a profile of its own,
// and finds no host but this one. Each tab of the context it returns has a
// session of its own.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needBrowser(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("font-render-hinting", "none"),
	)
	if os.Geteuid() == 0 { // as root it has no sandbox, and says so
		options = append(options, chromedp.NoSandbox)
	}
	allocator, free := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("the browser did not end well: %v", err)
		}
		stop()
		free()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}
