"""Temporary."""
import cProfile, os, time, resource
from tests.promise import killed
from tests.promise.scene import Scene

def prof(environment, out, work, *args):
    t0=time.process_time(); w0=time.monotonic()
    p = cProfile.Profile(); p.enable()
    try:
        work(environment, *args)
    finally:
        p.disable(); p.dump_stats(out)
def plain(environment, out, work, *args):
    t0=time.process_time(); w0=time.monotonic()
    pre = resource.getrusage(resource.RUSAGE_SELF)
    work(environment, *args)
    r = resource.getrusage(resource.RUSAGE_SELF)
    open(out,"a").write(f"{work.__name__} before: {pre.ru_utime:.3f}+{pre.ru_stime:.3f} minflt {pre.ru_minflt}; work user {r.ru_utime-pre.ru_utime:.3f} sys {r.ru_stime-pre.ru_stime:.3f} wall {time.monotonic()-w0:.3f} minflt {r.ru_minflt}\n")

def test_prof(scene: Scene) -> None:
    scene.company.stock_up(4)
    plan = scene.done(killed.only_plan, "catalogue")
    for i in range(8):
        scene.clear(keep=plan)
        scene.done(plain, "/tmp/measure/plain.txt", killed.deliver_plan, plan)
    scene.clear(keep=plan)
    scene.done(prof, "/tmp/measure/deliver.prof", killed.deliver_plan, plan)
    for i in range(8):
        scene.done(plain, "/tmp/measure/plain.txt", killed.run_flows, ("catalogue",))
    scene.done(prof, "/tmp/measure/run.prof", killed.run_flows, ("catalogue",))
    t0=time.monotonic()
    for i in range(10): scene.clear(keep=plan)
    t1=time.monotonic()
    for i in range(10): scene.shop.content()
    t2=time.monotonic()
    for i in range(10): killed.ended(killed.starter().Process(target=int))
    t3=time.monotonic()
    open("/tmp/measure/plain.txt","a").write(f"clear {(t1-t0)/10:.3f} content {(t2-t1)/10:.3f} empty process {(t3-t2)/10:.3f}\n")

def mods(environment, out, work, *args):
    import sys, gc
    before=set(sys.modules)
    calls=[]
    t=[0.0]
    def cb(phase, info):
        if phase=="start": t[0]=time.perf_counter()
        else: calls.append((info["generation"], time.perf_counter()-t[0]))
    gc.callbacks.append(cb)
    work(environment, *args)
    gc.callbacks.remove(cb)
    open(out,"w").write("\n".join(sorted(set(sys.modules)-before))+f"\n{len(calls)} {sum(c[1] for c in calls):.3f} {[c for c in calls if c[0]==2]} gc {gc.get_count()} objects {len(gc.get_objects())}")

def test_mods(scene: Scene) -> None:
    scene.company.stock_up(4)
    scene.done(mods, "/tmp/measure/mods.txt", killed.run_flows, ("catalogue",))
    scene.company.day
    scene.done(mods, "/tmp/measure/mods2.txt", killed.run_flows, ("catalogue",))
