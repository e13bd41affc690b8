# Set-up and the main jobs; `make help` lists them.
PYTHON ?= python3
CORES ?= all
COMMA := ,
VENV := .venv
INSTALLED := $(VENV)/.installed
# Rules take `python` from PATH.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help env init demo fetch reproduce published resume verify check test test-workflow test-unit test-slurm plugins bundle round-trip lint lint-types lint-style format alignment bench bench-features bench-gpu bench-pulse bench-scale switches validate power loop configuration errors docs reliability audit clean
.DEFAULT_GOAL := help

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  CORES=N limits the cores (default: all)."

env: $(INSTALLED) ## Create the environment .venv from the pinned versions

$(INSTALLED): envs/constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v[:2] <= (3, 13) \
	else "Python 3.11 to 3.13 is needed, found %d.%d: run make PYTHON=python3.12 ..." % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint envs/constraints.txt --editable '.[test]'
	@# librosa compiles its kernels at first use, half a minute that two jobs would both spend.
	$(VENV)/bin/python -c 'import numpy; from tinglegram.stimuli.acoustic import features; \
	features(numpy.zeros(44100, dtype="int16"), 10, sample_rate=44100, hop=4410, window=2048, n_mfcc=20)'
	touch $@

demo: env ## Simulate a small study and run it to its report
	snakemake --cores $(CORES) --configfile workflow/studies/demo.yaml
	@echo "Open results/demo/report.html"

fetch: env ## Download the dataset into data/, resumed and verified (DATA=folder, PINS=file)
	python scripts/inputs/fetch_dataset.py --doi $(or $(DOI),10.5281/zenodo.18881334) \
	    --root '$(or $(DATA),data)' $(if $(PINS),--pins '$(PINS)')

reproduce: env ## Run the real study in data/ to every table and figure
	snakemake --cores $(CORES)
	@echo "Open results/rest_asmr/report.html"

published: env ## Statistics of the authors' predictions: make published FILE=path
	@test -n "$(FILE)" || { echo "Say which file: make published FILE=paper_fusion_results_4_fold.pkl"; exit 2; }
	snakemake --cores $(CORES) --configfile workflow/studies/published.yaml \
	    --config published_predictions='$(FILE)'
	@echo "Open results/published/report.html"

# Whose results `resume` and `verify` take up: STUDY=name, or RESULTS=path.
STUDY ?= rest_asmr
RESULTS ?= results/$(STUDY)

resume: env ## Go on after a crash or a kill: make resume STUDY=demo
	@test -f $(RESULTS)/config.yaml || { echo "No run in $(RESULTS): name one with STUDY=name"; exit 2; }
	snakemake --unlock --configfile $(RESULTS)/config.yaml
	snakemake --cores $(CORES) --configfile $(RESULTS)/config.yaml

verify: env ## Compare results with their record, name what changed: make verify STUDY=demo
	python scripts/provenance/verify_results.py --results $(RESULTS)

check: env ## What is amiss in a folder of raw data: make check DATA=path [CONFIG=overlay]
	@test -n "$(DATA)" || { echo "Say which folder: make check DATA=data"; exit 2; }
	@tinglegram check '$(DATA)' $(if $(CONFIG),--config $(CONFIG))

init: env ## Begin a study: an overlay from what a folder holds: make init DATA=path [OUTPUT=file]
	@test -n "$(DATA)" || { echo "Say which folder: make init DATA=folder"; exit 2; }
	@tinglegram init '$(DATA)' $(if $(OUTPUT),--output '$(OUTPUT)')

lint: env ## Formatting, lint, types, dependencies
	$(MAKE) --no-print-directory -j 2 lint-types lint-style

lint-types: env
	mypy

lint-style: env
	ruff format --check .
	ruff check .
	snakefmt --check Snakefile workflow/rules workflow/recovery workflow/proposals
	@# No block of ten lines stands twice outside tests.
	pylint src scripts benchmarks envs
	snakemake --lint --configfile workflow/studies/demo.yaml
	python -m pip check
	@# A machine without a way to pypi.org says so and goes on; a known vulnerability fails.
	python envs/audit_dependencies.py --allow-unreachable

# Where Slurm is installed, a part of a study runs on it. Only who asks for test-slurm gets it.
HERE := $(if $(shell command -v slurmctld),[slurm])
# File by file, the longest first.
LONG := $(addprefix tests/workflow/test_,demo.py crashes.py slurm.py)
SLURM := tests/workflow/test_slurm.py
PROFILES := tests/workflow/test_profiles.py
test: env lint ## Everything: lint, unit tests, workflow tests, kills and resumptions, the demo
	$(if $(HERE),$(MORE) '.$(HERE)')
	$(MAKE) --no-print-directory --jobs 2 test-workflow test-unit
	$(if $(HERE),$(MAKE) --no-print-directory plugins)
	pytest $(PROFILES)

# Three processes run the workflow and mostly wait for its jobs; one beside them the other tests.
test-workflow: env
	TEST_CORES=1 TEST_SLURM=small TEST_KILLS=short \
	    pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(LONG) \
	    $(filter-out $(LONG) $(PROFILES),$(wildcard tests/workflow/test_*.py))

test-unit: env
	pytest tests/errors tests/unit

MORE := $(VENV)/bin/python -m pip install --quiet --constraint envs/constraints.txt --editable
SLURM_PACKAGES := slurmctld slurmd slurm-client munge slurm-wlm-basic-plugins

test-slurm: env ## The demo through profiles/slurm, on a Slurm of its own (Debian, root)
	command -v slurmctld && command -v slurmd && command -v munged || \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(SLURM_PACKAGES); }
	$(MORE) '.[slurm]'
	pytest $(SLURM)
	$(MAKE) --no-print-directory plugins
	pytest $(PROFILES)

# Every plugin makes each Snakemake start later, so these come after the other tests.
plugins: env
	$(MORE) '.[cluster-generic,kubernetes]'

bundle: env ## Trained models in one folder: make bundle STUDY=demo [PROTOCOL=corrected]
	tinglegram bundle $(RESULTS) $(if $(PROTOCOL),--protocol $(PROTOCOL)) -- --cores $(CORES)

round-trip: demo ## Export the demo as BIDS, run it from there, compare every file of both protocols
	rm -rf results/round_trip
	tinglegram export results/demo --bids results/round_trip/bids
	snakemake --cores $(CORES) --directory results/round_trip \
	    --configfile $(addprefix $(CURDIR)/workflow/studies/,demo.yaml round_trip.yaml)
	for protocol in described corrected; do \
	    diff -rq results/demo/$$protocol results/round_trip/results/demo/$$protocol || exit 1; \
	    echo "$$protocol: $$(find results/demo/$$protocol -type f | wc -l) files, all the same"; \
	done

alignment: env ## Steps at which flash and click appear, in many formats, into docs/stimuli.md
	python benchmarks/alignment.py --output results/alignment.md
	python scripts/report/renew_page.py --page docs/stimuli.md --mark alignment \
	    --table results/alignment.md

bench: env ## Our stages beside plain references, as ratios, into docs/performance.md
	python benchmarks/compare.py --output docs/performance.md

bench-gpu: env ## Train the whole study on a CUDA GPU: times, memory, repetitions, into docs/gpu.md
	python benchmarks/gpu.py --output results/gpu.md
	python scripts/report/renew_page.py --page docs/gpu.md --mark gpu --table results/gpu.md

# Where sizes that are done are kept until the command is run again: SCALE=folder.
SCALE ?= $(or $(TMPDIR),/tmp)/tinglegram_scale
bench-scale: env ## Cohorts up to 340 people, into docs/performance.md and docs/scale.md
	python benchmarks/scale.py --folder '$(SCALE)' $(if $(filter-out all,$(CORES)),--cores $(CORES)) \
	    --section '$(SCALE)/section.md' --estimate '$(SCALE)/estimate.md' --figure docs/images/scale.svg
	python scripts/report/renew_page.py --page docs/performance.md --mark scale \
	    --table '$(SCALE)/section.md'
	python scripts/report/renew_page.py --page docs/scale.md --mark scale --table '$(SCALE)/estimate.md'

# NeuroKit2, heartpy and systole have an environment of their own, made at first use: OTHERS=folder.
OTHERS ?= $(or $(TMPDIR),/tmp)/tinglegram_pulse
bench-pulse: env ## Pulse rate and RMSSD beside references and other packages, into docs/pulse.md
	test -x '$(OTHERS)/bin/python' || python benchmarks/pulse_environment.py '$(OTHERS)'
	python benchmarks/pulse.py --others '$(OTHERS)/bin/python' --output results/pulse.md
	python scripts/report/renew_page.py --page docs/pulse.md --mark bench --table results/pulse.md

# RECORDS=folder with records of the MIT-BIH Arrhythmia Database, 100.dat and 100.atr; none: the model.
bench-heart: env ## R peaks beside beats that are known, into docs/pulse.md
	python benchmarks/heart_beats.py $(if $(RECORDS),--records '$(RECORDS)') --output results/heart.md
	python scripts/report/renew_page.py --page docs/pulse.md --mark heart --table results/heart.md

bench-features: env ## What each feature set adds, in studies where one is planted, into docs/stimuli.md
	python benchmarks/features.py --output results/features.md
	python scripts/report/renew_page.py --page docs/stimuli.md --mark gain --table results/features.md

switches: env ## What each switch moves in the simulated study, into docs/protocols.md
	snakemake --cores $(CORES) results/switches/switches.md \
	    --configfile workflow/studies/demo.yaml workflow/studies/switches.yaml
	python scripts/report/renew_page.py --page docs/protocols.md --mark switches \
	    --table results/switches/switches.md

validate: env ## Simulated studies with known effects, into docs/recovery.md (ONLY='within scores': of these)
	snakemake --snakefile workflow/recovery/Snakefile --cores $(CORES) \
	    $(if $(ONLY),--config 'recovery={"only": [$(patsubst %,"%"$(COMMA),$(ONLY))]}')

power: env ## How many people and clips a study needs, into docs/power.md
	snakemake power --snakefile workflow/recovery/Snakefile --cores $(CORES)
	python scripts/report/renew_page.py --page docs/power.md --mark power \
	    --table results/power/power.md

loop: env ## Closed loops of proposing, hearing and learning, simulated, into docs/loop.md
	snakemake --snakefile workflow/proposals/Snakefile --cores $(CORES)

configuration: env ## Schemas and table of all settings, from their declarations
	python scripts/study/write_schemas.py --configuration workflow/schemas/config.schema.json \
	    --overlay workflow/schemas/overlay.schema.json --page results/configuration.md
	python scripts/report/renew_page.py --page docs/configuration.md --mark configuration \
	    --table results/configuration.md

errors: env ## Every error message under test, into docs/errors.md
	PYTHONPATH=tests python tests/errors/write_page.py docs/errors.md

docs: env ## Build the documentation as a site, without network: site/index.html
	NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict
	@echo "Open site/index.html"

audit: env ## Known vulnerabilities of the pinned dependencies (needs pypi.org)
	python -m pip check
	python envs/audit_dependencies.py

reliability: env ## Kill, resume, compare again; what was counted, into docs/reliability.md
	pytest tests/workflow/test_crashes.py --junitxml results/reliability.xml -o junit_family=xunit1
	python tests/reliability.py results/reliability.xml results/reliability.md
	python scripts/report/renew_page.py --page docs/reliability.md --mark reliability \
	    --table results/reliability.md

format: env ## Format all code
	ruff format .
	ruff check --fix .
	snakefmt Snakefile workflow/rules workflow/recovery workflow/proposals

clean: ## Remove the results of the demo
	rm -rf results/demo
