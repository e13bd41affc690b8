import io
import subprocess
import sys
import urllib.error

import numpy as np
import pytest
import torch
from paths import ROOT
from PIL import Image
from torchvision.models import ResNet18_Weights, resnet18
from torchvision.transforms import CenterCrop, Compose, Normalize, Resize, ToTensor

from tinglegram.stimuli import visual

VARIANTS = ("shorter_side_256_crop_224", "direct_224")
SMALL = 64  # an input on which a forward pass takes milliseconds


def picture(height=90, width=160, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height)))


def state_file(network):
    stream = io.BytesIO()
    torch.save(network.state_dict(), stream)
    stream.seek(0)
    return stream


def seeded(seed, **options):
    torch.manual_seed(seed)
    return resnet18(weights=None, **options)


def features(network, pictures, size=SMALL, variants=VARIANTS):
    extractor = visual.FeatureExtractor(network, variants, size)
    for one in pictures:
        extractor.add(one)
    return extractor.features()


def test_pictures_are_prepared_as_the_released_code_prepares_them():
    image = Image.fromarray(picture(360, 640))
    crop = visual.transform(VARIANTS[0], 224)(image)
    expected = CenterCrop(224)(image.resize((455, 256), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(crop.permute(1, 2, 0).numpy(), np.asarray(expected))
    direct = visual.transform(VARIANTS[1], 224)(image)
    expected = image.resize((224, 224), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(direct.permute(1, 2, 0).numpy(), np.asarray(expected))
    with pytest.raises(ValueError, match="unknown resize"):
        visual.transform("stretch", 224)


def test_features_equal_a_plain_forward_pass():
    plain = seeded(7)
    network = visual.read_network(state_file(plain), "resnet18.pth")
    body = torch.nn.Sequential(*list(plain.eval().children())[:-1])
    prepare = Compose(
        [
            Resize(256),
            CenterCrop(224),
            ToTensor(),
            Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    image = picture()
    with torch.no_grad():
        expected = body(prepare(Image.fromarray(image))[None]).flatten().numpy()
    found = features(network, [image], 224, VARIANTS[:1])[VARIANTS[0]]
    assert found.shape == (1, 512) and found.dtype == np.float32
    np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-4)


def test_every_picture_gets_its_row_in_order_across_batches():
    network = visual.untrained_network(42)
    pictures = [picture(seed=i % 3) for i in range(18)]
    found = features(network, pictures)
    assert list(found) == list(VARIANTS)
    for name in VARIANTS:
        table = found[name]
        assert table.shape == (18, 512)
        np.testing.assert_allclose(table[:15], table[3:], rtol=1e-4, atol=1e-4)
        assert np.abs(table[0] - table[1]).max() > 1e-3
    assert np.abs(found[VARIANTS[0]] - found[VARIANTS[1]]).max() > 1e-3


def test_an_untrained_network_depends_on_its_seed_alone():
    before = torch.random.get_rng_state()
    first, again, other = (visual.untrained_network(seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(first.conv1.weight, again.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)
    assert torch.equal(first.conv1.weight, seeded(1).conv1.weight)
    assert not first.training


def test_the_last_layer_of_a_file_may_have_any_size():
    network = visual.read_network(state_file(seeded(3, num_classes=5)), "tuned.pth")
    assert torch.equal(network.conv1.weight, seeded(3, num_classes=5).conv1.weight)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Torch's cache in a folder of its own, and no way to download."""

    def offline(*args, **kwargs):
        raise urllib.error.URLError("offline")

    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints" / visual.imagenet_file()


def test_imagenet_weights_come_from_torchvisions_cache(cache):
    assert visual.imagenet_file() in ResNet18_Weights.IMAGENET1K_V1.url
    marked = seeded(11)
    cache.write_bytes(state_file(marked).getvalue())
    assert torch.equal(visual.imagenet_network().conv1.weight, marked.conv1.weight)


def test_the_network_loads_without_the_compiler_which_is_there_when_asked_for():
    code = (
        "import sys; from tinglegram.stimuli.visual import untrained_network; untrained_network(1);"
        "assert 'torch._dynamo' not in sys.modules;"
        "detection = sys.modules['torchvision.ops.roi_align'];"
        "assert detection.is_compile_supported('cpu') and 'torch._dynamo' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
