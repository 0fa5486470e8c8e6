"""What a manifest says of a model apart from what training and measuring find out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training import facts_ct_lungs, facts_pneumonia
from training.recipes import RECIPES


@dataclass(frozen=True)
class Facts:
    """``specification``: fields of the MONAI Bundle specification. ``own``: fields of our section of the manifest."""

    specification: dict[str, Any]
    own: dict[str, Any]


_LUNGS_SIZE = RECIPES["cxr-lungs"].size

FACTS: dict[str, Facts] = {
    "cxr-lungs": Facts(
        specification={
            "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
            "meta_schema_20220324.json",
            "version": "1.0.0",
            "changelog": {"1.0.0": "first model"},
            "monai_version": "1.3.0",
            "task": "Lung fields on frontal chest radiographs",
            "description": "Marks the right and the left lung field on a frontal chest radiograph, the part behind the "
            "heart included.",
            "authors": "The Scoutview authors",
            "copyright": "Copyright the Scoutview authors",
            "data_source": "Kermany 2018 (children), Cohen 2020 (adults); masks by V7 Labs 2020",
            "data_type": "JPEG",
            "image_classes": "one channel, 0 to 1, bright means dense, squashed to a square",
            "label_classes": "two channels, one for each lung",
            "pred_classes": "channel 0: lung on the left of the image, channel 1: lung on the right of the image",
            "intended_use": "Research use only. Not for diagnosis.",
            "references": [
                "Ronneberger O, Fischer P, Brox T. U-Net. 2015. arXiv:1505.04597",
                "He K, Zhang X, Ren S, Sun J. Deep residual learning. 2015. arXiv:1512.03385",
                "Shi W et al. Efficient sub-pixel convolutional neural network. 2016. arXiv:1609.05158",
            ],
            "network_data_format": {
                "inputs": {
                    "image": {
                        "type": "image",
                        "format": "magnitude",
                        "modality": "CR",
                        "num_channels": 1,
                        "spatial_shape": [_LUNGS_SIZE, _LUNGS_SIZE],
                        "dtype": "float32",
                        "value_range": [0, 1],
                        "is_patch_data": False,
                        "channel_def": {"0": "image"},
                    }
                },
                "outputs": {
                    "pred": {
                        "type": "image",
                        "format": "segmentation",
                        "num_channels": 2,
                        "spatial_shape": [_LUNGS_SIZE, _LUNGS_SIZE],
                        "dtype": "float32",
                        "value_range": [],
                        "is_patch_data": False,
                        "channel_def": {"0": "lung on the left of the image", "1": "lung on the right of the image"},
                    }
                },
            },
        },
        own={
            "title": "Lungs on chest radiographs",
            "task": "lung-segmentation",
            "licence": "Apache-2.0",
            "flip": False,
            "labels": [
                {
                    "value": 1,
                    "name": "Right lung",
                    "code": "3341006",
                    "meaning": "Right lung",
                    "colour": [86, 180, 233],
                },
                {"value": 2, "name": "Left lung", "code": "44029006", "meaning": "Left lung", "colour": [230, 159, 0]},
            ],
            "contract": {
                "modalities": ["CR", "DX"],
                "body_parts": ["CHEST", "THORAX", "LUNG", "LUNGS"],
                "views": ["PA", "AP"],
                "unit": "presentation",
                "size": _LUNGS_SIZE,
                "min_size": 64,
                "max_aspect": 2.0,
            },
            "limits": [
                "Trained on children of 1 to 5 years from one hospital and on 55 radiographs of adults, most of them "
                "supine with COVID-19: other ages, devices and diseases may fare worse.",
                "Frontal radiographs only; no lateral, oblique or decubitus views, no ribs, no scout images of CT.",
                "The lung field includes the part behind the heart but not the part below the dome of the diaphragm.",
                "Lungs that are white all over are outlined by their surroundings, which is a guess.",
                "The grey scale must be the right way round (dense is bright).",
            ],
            "training_data": [
                {
                    "name": "Labelled chest X-ray images of children (train part, with lung masks)",
                    "licence": "CC BY 4.0",
                    "citation": "Kermany D, Zhang K, Goldbaum M. Labeled Optical Coherence Tomography (OCT) and Chest "
                    "X-Ray Images for Classification. 2018. doi:10.17632/rscbjbr9sj",
                },
                {
                    "name": "Lung masks for them and for the adults",
                    "licence": "CC BY 4.0",
                    "citation": "V7 Labs. COVID-19 X-ray dataset with lung masks. 2020.",
                },
                {
                    "name": "55 radiographs of adults from the COVID-19 image data collection",
                    "licence": "CC BY 3.0 (50 images), CC BY 4.0 (5 images)",
                    "citation": "Cohen JP, Morrison P, Dao L. COVID-19 image data collection. 2020. arXiv:2003.11597; "
                    "images from github.com/ml-workgroup/covid-19-image-repository, doi:10.1186/s41182-020-00203-0, "
                    "doi:10.1186/s12941-020-00358-y and doi:10.1186/s40779-020-0233-6",
                },
            ],
            "peak_memory_mb": 230,
        },
    ),
    "cxr-pneumonia": Facts(specification=facts_pneumonia.SPECIFICATION, own=facts_pneumonia.OWN),
    "ct-lungs": Facts(specification=facts_ct_lungs.SPECIFICATION, own=facts_ct_lungs.OWN),
}
