package conformance

import (
	"sync"
	"time"
)

// An Outcome is what became of a case.
type Outcome string

// The outcomes. A case is not applicable when the server lacks what it needs,
// or when it is left out on purpose.
const (
	Passed        Outcome = "pass"
	Failed        Outcome = "fail"
	NotApplicable Outcome = "n/a"
)

// A Result is a case and what became of it.
type Result struct {
	Case
	Outcome    Outcome
	Difference Difference // if it failed
	Why        string     // if it is not applicable
}

// A Judge holds a server to the cases of a level. It is safe for concurrent
// use.
type Judge struct {
	Target *Target
	Level  Level // what holds for every answer is judged up to it
	Exact  bool  // hold all cases to co2's codes and spelling, whatever their level
	Quick  bool  // leave the heavy cases out

	mu       sync.Mutex
	breaches map[string]*Result // guarded by mu; of what always holds, by name
	noted    map[string]int     // guarded by mu; answers to which it applied
}

// Try tries a case.
func (j *Judge) Try(c Case) Result {
	if why := j.excused(c); why != "" {
		return Result{Case: c, Outcome: NotApplicable, Why: why}
	}
	strict := c.Level
	if j.Exact {
		strict = exact
	}
	k := &Talker{target: j.Target, strict: strict, note: func(a *Answer) { j.note(c, a) }}
	defer k.hangUp()
	var diff *Difference
	if c.Do != nil {
		diff = c.Do(k)
	} else {
		diff = k.talk(c.Talk)
	}
	switch {
	case k.excuse != "":
		return Result{Case: c, Outcome: NotApplicable, Why: k.excuse}
	case k.unable != nil:
		return Result{Case: c, Outcome: Failed, Difference: Difference{"a connection", "one", k.unable.Error()}}
	case diff != nil:
		return Result{Case: c, Outcome: Failed, Difference: *diff}
	case c.Heavy && !j.serves(k): // L-B
		return Result{Case: c, Outcome: Failed, Difference: Difference{"good calls on other connections, afterwards", aResult.says, "none"}}
	}
	return Result{Case: c, Outcome: Passed}
}

// serves ends a case and reports whether the server comes to itself: whether
// it answers a good call again.
func (j *Judge) serves(k *Talker) bool {
	k.hangUp()
	k.lines = nil
	for end := time.Now().Add(j.Target.patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if j.Target.answers(j.Target.good, aResult) {
			return true
		}
	}
	return false
}

// excused says why a case does not apply; empty if it does.
func (j *Judge) excused(c Case) string {
	if c.Heavy && j.Quick {
		return "left out to be quick"
	}
	for _, name := range c.Needs {
		if !j.Target.has[name] {
			return "the server has no " + name
		}
	}
	return ""
}
