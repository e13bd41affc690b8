# What the ledger of claims needs to know. Which results of this study can answer a claim, and
# whose numbers stand in which of its columns.
import csv

CLAIM_TABLES = {
    name: ROOT / "workflow" / f"{name}.tsv"
    for name in ("claims", "claim_sources", "typed_fold_scores")
}
CLAIMED = config["report"]["claims"]
CLAIM_EXHIBITS = ["claims", "claims_findings"] if CLAIMED else []


def answers_exist(template):
    """Whether this study makes the files of a source of claims."""
    model = re.search(r"/(?:statistics|models)/(\w+)/", template)
    if model:
        return model[1] in SCORED
    if Path(template).name == "ablation.tsv":
        return config["statistics"]["reference"] in MODELS
    return bool(SUBJECTS)


def claim_files():
    """Every result that can answer a claim."""
    with CLAIM_TABLES["claim_sources"].open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        templates = dict.fromkeys(row["file"] for row in rows)
    made = [t for t in templates if t != "typed_fold_scores.tsv" and answers_exist(t)]
    places = dict(protocol=PROTOCOLS, subject=SUBJECTS, fold=FOLDS)
    return [path for template in made for path in expand(f"{R}/{template}", **places)]


def claim_answers():
    """NAME PROTOCOL ORIGIN of each set of columns: own results, else the published predictions."""
    origin = "study" if SUBJECTS else "published"
    found = [[protocol, protocol, origin] for protocol in PROTOCOLS]
    if origin == "study" and "published" in SCORED:
        # The predictions come from the released code, so they are scored as it scores.
        scored_by = "released" if "released" in PROTOCOLS else PROTOCOLS[0]
        found.append(["published", scored_by, "published"])
    return found
