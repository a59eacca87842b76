"""Temporary."""
import signal, json, os, time, resource
from collections import Counter
from tests.promise import killed
from tests.promise.scene import Scene

def sampled(environment, out, work, *args):
    stacks=Counter()
    def on(sig, frame):
        names=[]
        while frame is not None:
            c=frame.f_code
            names.append(c.co_filename.split("site-packages/")[-1].replace("/work/main/","")+":"+c.co_name)
            frame=frame.f_back
        stacks[tuple(names)]+=1
    signal.signal(signal.SIGPROF, on)
    signal.setitimer(signal.ITIMER_PROF, .001, .001)
    try: work(environment, *args)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        with open(out,"a") as f:
            for k,v in stacks.items(): f.write(json.dumps([k,v])+"\n")

def test_prof(scene: Scene) -> None:
    scene.company.stock_up(4)
    plan = scene.done(killed.only_plan, "catalogue")
    for i in range(10):
        scene.clear(keep=plan)
        scene.done(sampled, "/tmp/measure/deliver.samples", killed.deliver_plan, plan)
    for i in range(10):
        scene.done(sampled, "/tmp/measure/run.samples", killed.run_flows, ("catalogue",))
