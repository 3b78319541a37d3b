//! What a program takes for its machine: processors, memory and clocks are the instance's own, whichever way it asks.

use crate::world::*;
use sandbox::Spec;
use std::collections::BTreeMap;

/// What the host could give at most: shares above it are cut.
fn host_processors() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

fn with(mut spec: Spec, memory_mb: u64, cpu_millicores: u32) -> Spec {
    spec.limits.memory_bytes = memory_mb << 20;
    spec.limits.cpu_millicores = cpu_millicores;
    spec.limits.pids = 300;
    spec
}

/// By name, what a program that prints `name=value` lines has found.
fn found(world: &World, spec: &Spec) -> BTreeMap<String, String> {
    let text = output(world, spec);
    text.lines().filter_map(|line| line.split_once('=')).map(|(name, what)| (name.into(), what.into())).collect()
}

fn is_installed(program: &str) -> bool {
    let is = std::path::Path::new(program).is_file();
    if !is {
        eprintln!("SKIPPED: no {program}");
    }
    is
}

#[test]
fn processors_are_the_share_rounded_up_whichever_way_they_are_counted() {
    let Some(world) = world(0) else { return };
    let text = "echo nproc=$(nproc); echo cpuinfo=$(grep -c ^processor /proc/cpuinfo); \
                echo stat=$(grep -c '^cpu[0-9]' /proc/stat); echo configured=$(getconf _NPROCESSORS_CONF); \
                echo online=$(getconf _NPROCESSORS_ONLN); \
                python3 -I -S -c 'import os; print(f\"python={os.cpu_count()}\\naffinity={len(os.sched_getaffinity(0))}\")'";
    for (millicores, share) in [(300, 1), (1000, 1), (1200, 2), (8200, 9)] {
        let found = found(&world, &with(script(text), 128, millicores));
        let share = share.min(host_processors()).to_string();
        assert_eq!(found.len(), 7, "{found:?}");
        assert!(found.values().all(|count| *count == share), "{millicores}: {found:?}");
    }
}

#[test]
fn instances_are_spread_over_the_processors() {
    let Some(world) = world(0) else { return };
    let spec = with(
        python("import os; print(sorted(os.sched_getaffinity(0)), flush=True); import time; time.sleep(100)"),
        128,
        300,
    );
    let jails: Vec<_> = (0..host_processors()).map(|_| world.launcher.launch(&spec).unwrap()).collect();
    let mut places: Vec<_> = jails
        .iter()
        .map(|jail| {
            wait_readable(&jail.stdout);
            drain(&jail.stdout)
        })
        .collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), jails.len(), "{places:?}");
}

#[test]
fn a_program_that_widens_its_processors_again_gains_no_time() {
    let Some(world) = world(0) else { return };
    let spin = "import os, time\nos.sched_setaffinity(0, range(1024))\nprint(len(os.sched_getaffinity(0)))\n\
                for _ in range(3): os.fork()\nend = time.monotonic() + 0.6\nwhile time.monotonic() < end: pass\n";
    let jail = world.launcher.launch(&with(python(spin), 128, 200)).unwrap();
    finish(&jail);
    let used = jail.usage().cpu_us;
    assert!((1..300_000).contains(&used), "{used} us in 600 ms at a fifth of a processor");
}

#[test]
fn clocks_begin_with_the_sandbox() {
    let Some(world) = world(0) else { return };
    let text = "import time\nprint('uptime', open('/proc/uptime').read().split()[0])\n\
                print('monotonic', time.monotonic())\nprint('boottime', time.clock_gettime(time.CLOCK_BOOTTIME))\n\
                btime = [line.split()[1] for line in open('/proc/stat') if line.startswith('btime')][0]\n\
                print('btime', time.time() - float(btime))\n";
    for line in output(&world, &python(text)).lines() {
        let (name, seconds) = line.split_once(' ').unwrap();
        let seconds: f64 = seconds.parse().unwrap();
        // The host of a test has been up for longer than a test may take.
        assert!((0.0..60.0).contains(&seconds), "{name} is {seconds}");
    }
}

#[test]
fn the_load_and_the_counters_are_the_instances_own() {
    let Some(world) = world(0) else { return };
    let text = output(&world, &script("cat /proc/loadavg; head -1 /proc/stat; grep -E 'ctxt|intr' /proc/stat"));
    assert_eq!(text, "0.00 0.00 0.00 1/1 1\ncpu  0 0 0 0 0 0 0 0 0 0\nintr 0\nctxt 0\n");
}

#[test]
fn the_usual_tools_are_content() {
    let Some(world) = world(0) else { return };
    for tool in ["/usr/bin/free", "/usr/bin/uptime", "/usr/bin/ps", "/usr/bin/top", "/usr/bin/vmstat"] {
        if !is_installed(tool) {
            return;
        }
    }
    let text = "free -m | awk '/^Mem:/ {print \"free=\"$2}'; uptime >/dev/null && echo uptime=ok; \
                ps -o etimes= -p $$ | awk '{print \"age=\"($1 < 60)}'; TERM=dumb top -b -n 1 >/dev/null && echo top=ok";
    let found = found(&world, &with(script(text), 512, 600));
    let expect = [("age", "1"), ("free", "512"), ("top", "ok"), ("uptime", "ok")];
    assert_eq!(found, expect.map(|(name, what)| (name.to_owned(), what.to_owned())).into());
}

#[test]
fn node_sees_the_limits() {
    let Some(world) = world(0) else { return };
    if !is_installed("/usr/bin/node") {
        return;
    }
    let text = "const os = require('os'); console.log(`memory=${os.totalmem()}\\nparallelism=${os.availableParallelism()}\\n\
                cpus=${os.cpus().length}\\nmodel=${os.cpus()[0].model.length > 0}\\nconstrained=${process.constrainedMemory()}\\n\
                young=${os.uptime() < 60}\\nload=${os.loadavg()}`)";
    let found = found(&world, &with(program(&["/usr/bin/node", "-e", text]), 512, 600));
    let memory = (512 << 20).to_string();
    assert_eq!(found["memory"], memory, "{found:?}");
    assert_eq!(found["constrained"], memory, "{found:?}");
    assert_eq!((found["parallelism"].as_str(), found["cpus"].as_str()), ("1", "1"), "{found:?}");
    assert_eq!((found["model"].as_str(), found["young"].as_str()), ("true", "true"), "{found:?}");
    assert_eq!(found["load"], "0,0,0", "{found:?}");
}

#[test]
fn the_jvm_sizes_itself_by_the_limits() {
    let Some(world) = world(0) else { return };
    if !is_installed("/usr/bin/java") {
        return;
    }
    let java = program(&["/usr/bin/java", "-XX:+PrintFlagsFinal", "-XshowSettings:system", "-version"]);
    let outcome = run(&world, &with(java, 512, 600));
    let heap = outcome.stdout.lines().find(|line| line.contains(" MaxHeapSize ")).unwrap_or_default();
    // A quarter, its own rule.
    assert!(heap.contains(&format!(" {} ", 128 << 20)), "{heap}");
    let processors = outcome.stdout.lines().find(|line| line.contains(" ActiveProcessorCount ")).unwrap_or_default();
    assert!(processors.contains(" -1 "), "nobody set it: {processors}");
    for expect in ["Memory Limit: 512.00M", "Effective CPU Count: 1\n"] {
        assert!(outcome.stderr.contains(expect), "{outcome:?}");
    }
}

#[test]
fn the_view_of_the_cgroups_is_the_instances_own_and_read_only() {
    let Some(world) = world(0) else { return };
    let text = "import os\nfor root, dirs, files in os.walk('/sys'):\n  for name in files + dirs:\n    path = os.path.join(root, name)\n    \
                try:\n      if name in files: open(path, 'r+b').close()\n      else: os.mkdir(path + '/x')\n      print('written', path)\n    \
                except OSError: pass\n    if name == 'release_agent': print('release_agent', path)\n\
                print('sys', sorted(os.listdir('/sys')), sorted(os.listdir('/sys/fs')))\n\
                for line in open('/proc/self/mountinfo'):\n  fields = line.split(' ')\n  \
                if fields[4].startswith('/sys'): print('root', fields[3])\n\
                print('groups', set(line.strip().split(':')[2] for line in open('/proc/self/cgroup')))\n";
    let text = output(&world, &python(text));
    let mut lines: Vec<_> = text.lines().collect();
    lines.dedup();
    assert_eq!(lines, ["sys ['fs'] ['cgroup']", "root /", "groups {'/'}"], "{text}");
}
