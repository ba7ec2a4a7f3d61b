"""Work that ends, in a cluster."""

import argparse

from service.batch import options
from tests.deploy.k8s.kustomize import entrypoint, of_kind, pods, the
from tests.deploy.locks import lock
from training import fit

TRAINING, COHORT = "jobs/training", "jobs/cohort"


def test_a_training_is_a_command_line_of_ours():
    """As many processes start as there are GPUs, and `fit` takes the words; it reads and writes on volumes."""
    [container] = the(TRAINING, "Job")["spec"]["template"]["spec"]["containers"]
    command, *words = container["args"]
    parser = argparse.ArgumentParser()
    fit.add_arguments(parser)
    args = parser.parse_args(words)
    mounts = {mount["mountPath"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}
    gpus = container["resources"]["limits"]["nvidia.com/gpu"]

    assert ["torchrun", "--standalone", f"--nproc-per-node={gpus}", "-m", "training.main"] == container["command"]
    assert ("fit", "cuda") == (command, args.device)
    assert mounts[str(args.cases.parent)] is True
    assert mounts[str(args.out.parent)] is False
    assert int(container["resources"]["limits"]["cpu"]) == gpus * args.threads


def test_a_training_that_is_interrupted_goes_on():
    """The job is started again, with the same command and on the same volume."""
    job = the(TRAINING, "Job")["spec"]

    assert "OnFailure" == job["template"]["spec"]["restartPolicy"]
    assert job["backoffLimit"] > 0


def test_a_cohort_is_a_command_line_of_ours():
    """The batch takes the words; its actors fit onto the cluster, and its files lie on volumes of each machine."""
    program, command, *words = entrypoint(COHORT)
    args = options.parser().parse_args(words)
    options.require_sound(args)
    [workers] = the(COHORT, "RayJob")["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    [container] = workers["template"]["spec"]["containers"]

    assert ("nodelens-score", "batch") == (program, command)
    assert args.resume
    assert args.streams * args.threads <= workers["replicas"] * int(container["resources"]["limits"]["cpu"])
    for pod in pods(COHORT):
        mounts = {one["mountPath"]: one.get("readOnly", False) for one in pod["spec"]["containers"][0]["volumeMounts"]}
        assert [True, True, False] == [mounts[str(path)] for path in (args.cases.parent, args.models, args.out.parent)]


def test_a_cohort_s_cluster_ends_with_it():
    """The Ray cluster goes when the job has ended, runs the Ray that is locked, and works on its workers alone."""
    job = the(COHORT, "RayJob")["spec"]
    cluster = job["rayClusterSpec"]

    assert job["shutdownAfterJobFinishes"] is True
    assert "0" == cluster["headGroupSpec"]["rayStartParams"]["num-cpus"]
    assert cluster["rayVersion"] == lock("training")["ray"][0]


def test_a_cohort_s_machines_speak_to_each_other():
    """The policy that lets them is for all pods of the job, and the operator reaches the dashboard alone."""
    policy = the(COHORT, "NetworkPolicy")["spec"]
    labels = policy["podSelector"]["matchLabels"]

    assert all(labels.items() <= pod["metadata"]["labels"].items() for pod in pods(COHORT))
    assert {"podSelector": {"matchLabels": labels}} in policy["ingress"][0]["from"]
    assert [8265] == [port["port"] for port in policy["ingress"][1]["ports"]]


def test_probes_need_no_program_of_the_image():
    """Health of Ray is asked by the kubelet; what KubeRay would ask by itself needs wget."""
    for pod in pods(COHORT):
        [container] = pod["spec"]["containers"]
        assert all("httpGet" in container[probe] for probe in ("readinessProbe", "livenessProbe"))


def test_volumes_are_claimed_once():
    """The cohort reads what training reads, and brings only what it writes."""
    claims = [one for folder in (TRAINING, COHORT) for one in of_kind(folder, "PersistentVolumeClaim")]

    assert ["nodelens-cases", "nodelens-runs", "nodelens-scores"] == sorted(one["metadata"]["name"] for one in claims)
