"""Workers of PyTorch's DataLoader, by any start method: python torch_loader.py spawn"""

import os
import sys

import boto3
from torch.utils.data import DataLoader, Dataset

import botocore_redirect


class Objects(Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, number: int) -> int:
        s3 = boto3.client("s3")
        s3.put_object(Bucket="data", Key=str(number), Body=str(os.getpid()).encode())
        return len(s3.get_object(Bucket="data", Key=str(number))["Body"].read())


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the first worker
    for lengths in DataLoader(Objects(), num_workers=2, multiprocessing_context=sys.argv[1]):
        print(lengths)
