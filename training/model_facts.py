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

_ENHANCED_VALUES = {
    "type": "image",
    "format": "hounsfield",
    "modality": "CT",
    "num_channels": 1,
    "spatial_shape": ["8*n", "8*n"],
    "dtype": "float32",
    "value_range": [-10.24, 20],
    "is_patch_data": False,
}

FACTS: dict[str, Facts] = {
    "ct-enhance": Facts(
        specification={
            "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
            "meta_schema_20220324.json",
            "version": "1.1.0",
            "changelog": {
                "1.1.0": "learnt for longer, a fifth of it on drawn bodies without noise; carries its folds",
                "1.0.0": "first model",
            },
            "monai_version": "1.3.0",
            "task": "Less noise in low-dose CT",
            "description": "Reduces the noise of CT slices of chest and abdomen. The result is a new series beside the "
            "original, marked as AI-enhanced.",
            "authors": "The Scoutview authors",
            "copyright": "Copyright the Scoutview authors",
            "data_source": "TCGA-LUAD and Colorectal-Liver-Metastases (TCIA); low dose simulated in the sinogram",
            "data_type": "DICOM",
            "image_classes": "one channel, HU / 100, no offset",
            "label_classes": "one channel, the slice at the dose that it was taken with",
            "pred_classes": "one channel, the noise of the input in HU / 100, to be subtracted from it",
            "intended_use": "Research use only. Not for diagnosis.",
            "references": [
                "Goodfellow I et al. Generative adversarial nets. 2014. arXiv:1406.2661",
                "Isola P et al. Image-to-image translation with conditional adversarial networks. 2016. "
                "arXiv:1611.07004",
                "Mohan S et al. Robust and interpretable blind image denoising via bias-free convolutional neural "
                "networks. 2019. arXiv:1906.05478",
                "Yu L et al. Development and validation of a practical lower-dose-simulation tool for optimizing "
                "computed tomography scan protocols. J Comput Assist Tomogr 2012;36:477",
                "Dabov K et al. Image denoising by sparse 3-D transform-domain collaborative filtering. IEEE TIP "
                "2007;16:2080",
            ],
            "network_data_format": {
                "inputs": {"image": {**_ENHANCED_VALUES, "channel_def": {"0": "image"}}},
                "outputs": {"pred": {**_ENHANCED_VALUES, "channel_def": {"0": "noise"}}},
            },
        },
        own={
            "title": "Less noise in CT",
            "task": "ct-enhancement",
            "licence": "Apache-2.0",
            "flip": False,
            "labels": [],
            "contract": {
                "kind": "ct",
                "modalities": ["CT"],
                "body_parts": [
                    "CHEST",
                    "ABDOMEN",
                    "THORAX",
                    "LUNG",
                    "LUNGS",
                    "PELVIS",
                    "LIVER",
                    "HEART",
                    "CHESTABDPELVIS",
                    "CHESTABDOMEN",
                    "ABDOMENPELVIS",
                    "TRUNK",
                    "WHOLEBODY",
                ],
                "size": 512,
                "min_size": 64,
                "min_slices": 1,
                "max_thickness_mm": 20.0,
                "needs_grid": False,
            },
            "limits": [
                "Its answer is an estimate. Faint and small structures can fade with the noise: compare with the "
                "original, which stays one key away.",
                "Learnt from 73 slices of 21 patients, most of them 3 to 10 mm thick and of soft or standard kernels, "
                "with simulated low dose; no scan was really repeated at low dose.",
                "Sharp kernels (lung, bone) and thin slices are imitated in training by filtering, not learnt from "
                "real ones.",
                "Each slice is treated for itself: in reformatted planes the noise may differ from slice to slice.",
                "Streaks of metal and of photon starvation are no noise to it; they stay, or come out changed.",
                "Values below −1024 HU and above 2000 HU pass unchanged.",
                "Do not measure texture (radiomics) or noise on an enhanced series.",
            ],
            "training_data": [
                {
                    "name": "TCGA-LUAD, the slices whose soft tissue has an SD of at most 12 HU",
                    "licence": "CC BY 3.0",
                    "citation": "Albertina B et al. The Cancer Genome Atlas Lung Adenocarcinoma Collection "
                    "(TCGA-LUAD). The Cancer Imaging Archive. 2016. doi:10.7937/K9/TCIA.2016.JGNIHEP5",
                },
                {
                    "name": "Colorectal-Liver-Metastases, one patient",
                    "licence": "CC BY 4.0",
                    "citation": "Simpson AL et al. Preoperative CT and survival data for patients undergoing resection "
                    "of colorectal liver metastases. The Cancer Imaging Archive. 2023. doi:10.7937/QXK2-QG03",
                },
            ],
            "peak_memory_mb": 400,
        },
    ),
    "cxr-lungs": Facts(
        specification={
            "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
            "meta_schema_20220324.json",
            "version": "1.1.0",
            "changelog": {
                "1.1.0": "another network, learnt for longer; its last stage sees no mirror images",
                "1.0.0": "first model",
            },
            "monai_version": "1.3.0",
            "task": "Lung fields on frontal chest radiographs",
            "description": "Marks the right and the left lung field on a frontal chest radiograph, the part behind the "
            "heart included.",
            "authors": "The Scoutview authors",
            "copyright": "Copyright the Scoutview authors; encoder initialised from EfficientNet-Lite0, Apache-2.0",
            "data_source": "Kermany 2018 (children), Cohen 2020 (adults); masks by V7 Labs 2020",
            "data_type": "JPEG",
            "image_classes": "one channel, 0 to 1, bright means dense, squashed to a square",
            "label_classes": "two channels, one for each lung",
            "pred_classes": "channel 0: lung on the left of the image, channel 1: lung on the right of the image",
            "intended_use": "Research use only. Not for diagnosis.",
            "references": [
                "Ronneberger O, Fischer P, Brox T. U-Net. 2015. arXiv:1505.04597",
                "Tan M, Le Q. EfficientNet. 2019. arXiv:1905.11946",
                "Sandler M et al. MobileNetV2. 2018. arXiv:1801.04381",
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
                facts_pneumonia.IMAGENET,
            ],
            "peak_memory_mb": 470,
        },
    ),
    "cxr-pneumonia": Facts(specification=facts_pneumonia.SPECIFICATION, own=facts_pneumonia.OWN),
    "ct-lungs": Facts(specification=facts_ct_lungs.SPECIFICATION, own=facts_ct_lungs.OWN),
}
