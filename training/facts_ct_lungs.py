"""What the manifest of ``ct-lungs`` says apart from what training and measuring find out."""

from __future__ import annotations

from typing import Any

from inference.ct_grid import CHANNELS

SIZE = 192

SPECIFICATION: dict[str, Any] = {
    "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
    "meta_schema_20220324.json",
    "version": "1.1.0",
    "changelog": {
        "1.1.0": "one network, learnt for longer on painted consolidation; carries its folds",
        "1.0.0": "first model",
    },
    "monai_version": "1.3.0",
    "task": "Right and left lung in CT",
    "description": "Marks the right and the left lung in CT of the chest or abdomen and measures their volume, "
    "density, emphysema index and denser part.",
    "authors": "The Scoutview authors",
    "copyright": "Copyright the Scoutview authors",
    "data_source": "RIDER Lung CT, LIDC-IDRI, Colorectal-Liver-Metastases, TCGA-LUAD (TCIA), dcm_qa_ct; labels made "
    "here",
    "data_type": "DICOM",
    "image_classes": "four channels, 0 to 1: the slice below, the slice and the slice above in a lung window, the "
    "slice in a soft-tissue window",
    "label_classes": "two channels, one for each lung",
    "pred_classes": "channel 0: right lung, channel 1: left lung",
    "intended_use": "Research use only. Not for diagnosis.",
    "references": [
        "Ronneberger O, Fischer P, Brox T. U-Net. 2015. arXiv:1505.04597",
        "He K, Zhang X, Ren S, Sun J. Deep residual learning. 2015. arXiv:1512.03385",
        "Hu S, Hoffman EA, Reinhardt JM. Automatic lung segmentation. 2001. doi:10.1109/42.929615",
    ],
    "network_data_format": {
        "inputs": {
            "image": {
                "type": "image",
                "format": "hounsfield",
                "modality": "CT",
                "num_channels": CHANNELS,
                "spatial_shape": [SIZE, SIZE],
                "dtype": "float32",
                "value_range": [0, 1],
                "is_patch_data": False,
                "channel_def": {"0": "slice below", "1": "slice", "2": "slice above", "3": "slice, soft tissue"},
            }
        },
        "outputs": {
            "pred": {
                "type": "image",
                "format": "segmentation",
                "num_channels": 2,
                "spatial_shape": [SIZE, SIZE],
                "dtype": "float32",
                "value_range": [],
                "is_patch_data": False,
                "channel_def": {"0": "right lung", "1": "left lung"},
            }
        },
    },
}

BODY_PARTS = [
    "CHEST",
    "ABDOMEN",
    "THORAX",
    "LUNG",
    "LUNGS",
    "ABD",
    "TRUNK",
    "BODY",
    "WHOLEBODY",
    "CHESTABDOMEN",
    "CHESTABDPELVIS",
    "CHESTABDPELV",
    "ABDOMENPELVIS",
    "ABDPELVIS",
    "NECKCHEST",
    "NECKCHESTABDOMEN",
    "NECKCHESTABDPELV",
    "HEART",
    "AORTA",
    "BRONCHUS",
    "ESOPHAGUS",
    "MEDIASTINUM",
    "LIVER",
    "SPLEEN",
    "PANCREAS",
    "KIDNEY",
    "STERNUM",
    "RIB",
    "RIBS",
    "TSPINE",
    "BREAST",
    "CAP",
    "TAP",
]
"""Defined Terms of Body Part Examined (PS3.16 Annex L) that may show lung, and words seen in their place."""

OWN: dict[str, Any] = {
    "title": "Lungs in CT",
    "task": "ct-lung-segmentation",
    "licence": "Apache-2.0",
    "flip": False,
    "labels": [
        {"value": 1, "name": "Right lung", "code": "3341006", "meaning": "Right lung", "colour": [86, 180, 233]},
        {"value": 2, "name": "Left lung", "code": "44029006", "meaning": "Left lung", "colour": [230, 159, 0]},
    ],
    "contract": {
        "kind": "ct",
        "modalities": ["CT"],
        "body_parts": BODY_PARTS,
        "size": SIZE,
        "min_size": 64,
        "min_slices": 1,
        "max_thickness_mm": 10.0,
        "needs_grid": True,
    },
    "limits": [
        "Trained and measured on pseudo-labels: a classical method, checked and corrected by eye, not by a "
        "radiologist. No expert has contoured these lungs.",
        "Two whole chests and the lung bases of a third; otherwise single slices of 38 patients, nearly all with lung "
        "cancer. Children, and lungs after surgery, were hardly seen.",
        "Consolidation that fills a lobe cannot always be told from effusion or from a mass of the mediastinum: such "
        "borders are a guess.",
        "Air in the pleura (pneumothorax) and large bullae at the pleura may be taken for lung.",
        "Where main bronchus becomes lobar bronchus, and vessel at the hilum becomes lung, is a convention: masks "
        "differ there by a few millilitres.",
        "Slices that lie on no even grid (gaps, gantry tilt) are refused.",
    ],
    "training_data": [
        {
            "name": "RIDER Lung CT, one scan (lung kernel, 1.25 mm)",
            "licence": "CC BY 4.0",
            "citation": "Zhao B, Schwartz LH, Kris MG. Data From RIDER Lung CT. The Cancer Imaging Archive. 2015. "
            "doi:10.7937/k9/tcia.2015.u1x8a5nr",
        },
        {
            "name": "LIDC-IDRI, every second slice of one scan",
            "licence": "CC BY 3.0",
            "citation": "Armato SG III et al. Data From LIDC-IDRI. The Cancer Imaging Archive. 2015. "
            "doi:10.7937/K9/TCIA.2015.LO9QL9SX",
        },
        {
            "name": "Colorectal-Liver-Metastases, one scan of the abdomen",
            "licence": "CC BY 4.0",
            "citation": "Simpson AL et al. Preoperative CT and Survival Data for Patients Undergoing Resection of "
            "Colorectal Liver Metastases. The Cancer Imaging Archive. 2023. doi:10.7937/QXK2-QG03",
        },
        {
            "name": "TCGA-LUAD, single slices of 38 patients",
            "licence": "CC BY 3.0",
            "citation": "Albertina B et al. The Cancer Genome Atlas Lung Adenocarcinoma Collection. The Cancer Imaging "
            "Archive. 2016. doi:10.7937/K9/TCIA.2016.JGNIHEP5",
        },
        {
            "name": "A head with gantry tilt (slices without lung)",
            "licence": "BSD-2-Clause",
            "citation": "neurolabusc. dcm_qa_ct. github.com/neurolabusc/dcm_qa_ct",
        },
    ],
    "peak_memory_mb": 700,
}
